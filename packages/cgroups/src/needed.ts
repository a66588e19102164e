import { checkValues } from './check.ts';
import { emptyView } from './controller.ts';
import { devicePolicy, deviceRules } from './devices/policy.ts';
import { deviceField } from './devices/v1.ts';
import { CgroupError } from './error.ts';
import type { Layout } from './layout/layout.ts';
import type { Resources } from './resources.ts';
import { v1Controllers } from './v1/controllers.ts';
import { refuseV1Only } from './v2/part.ts';
import { unifiedControllers } from './v2/unified.ts';

/** A controller that limits are asked of, with one of the fields that ask, and its file on v1. */
export interface Need {
  /** By its v1 name: `blkio`, not `io`. */
  readonly controller: string;
  readonly field: string;
  readonly file: string;
}

/** The controllers that resources need; devices are among them unless everything is allowed. */
export function neededControllers(resources: Resources): readonly Need[] {
  return v1Controllers.flatMap(({ name, writes }) => {
    if (name === 'devices') {
      return restrictsDevices(resources)
        ? [{ controller: name, field: deviceField(resources), file: 'devices.allow' }]
        : [];
    }
    const [first] = writes(resources, emptyView);
    return first ? [{ controller: name, field: first.field, file: first.file }] : [];
  });
}

function restrictsDevices(resources: Resources): boolean {
  const rules = deviceRules(resources);
  if (!rules) return false;
  const { allowByDefault, exceptions } = devicePolicy(rules);
  return !allowByDefault || exceptions.length > 0;
}

/** The name that cgroup v2 has for a controller of v1. */
export function v2Name(controller: string): string {
  return controller === 'blkio' ? 'io' : controller;
}

/**
 * Refuses values that cannot be meant, and limits that no hierarchy of the host has a controller for.
 *
 * @throws {CgroupError} ERR_CGROUP_INVALID, ERR_CGROUP_CONTROLLER
 */
export function checkControllers(layout: Layout, resources: Resources): void {
  const onV1 = new Set(layout.v1.flatMap(({ controllers }) => controllers));
  const onV2 = new Set(layout.v2?.controllers ?? []);
  checkValues(resources, (controller) => onV1.has(controller));
  refuseV1Only(resources, (field) => !onV1.has(v1ControllerOf[field] ?? ''));
  for (const { controller, field, file } of neededControllers(resources)) {
    if (onV1.has(controller) || onV2.has(v2Name(controller))) continue;
    if (controller === 'devices' && layout.v2) continue;
    throw missing(controller, field, file, layout);
  }
  const files = Object.keys(resources.unified ?? {});
  if (files.length === 0) return;
  if (!layout.v2)
    throw new CgroupError('ERR_CGROUP_CONTROLLER', 'this host has no cgroup v2', {
      field: 'unified',
      file: files[0],
      hint: 'use the other fields of the resources',
    });
  const absent = unifiedControllers(resources).find((name) => !onV2.has(name));
  if (!absent) return;
  const file = files.find((name) => name.startsWith(`${absent}.`)) ?? '';
  throw missing(absent, `unified["${file}"]`, file, layout);
}

function missing(controller: string, field: string, file: string, layout: Layout): CgroupError {
  const where = layout.kind === 'none' ? 'no cgroup file system is mounted' : `this host is ${layout.kind}`;
  return new CgroupError('ERR_CGROUP_CONTROLLER', `mountpoint for ${controller} not found, so there is no ${file}`, {
    field,
    file,
    hint: `${where}: the kernel lacks the ${controller} controller, or it is off (cgroup_disable=), or not mounted, or not delegated`,
  });
}

/** The v1 controller of each field that only v1 has. */
const v1ControllerOf: Readonly<Partial<Record<keyof Resources, string>>> = {
  memorySwappiness: 'memory',
  oomKillDisable: 'memory',
  kernelMemoryTcp: 'memory',
  cpuRtRuntime: 'cpu',
  cpuRtPeriod: 'cpu',
  blkioLeafWeight: 'blkio',
  netClsClassid: 'net_cls',
  netPrioIfpriomap: 'net_prio',
};
