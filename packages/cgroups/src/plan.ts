import { partsOf } from './cgroupfs/parts.ts';
import { devicePolicy, deviceRules } from './devices/policy.ts';
import { deviceProgram } from './devices/program.ts';
import { deviceField } from './devices/v1.ts';
import { checkControllers } from './needed.ts';
import type { GroupOptions } from './options.ts';
import type { Part } from './part.ts';
import type { Resources } from './resources.ts';
import { scopeName, sliceName } from './systemd/unit.ts';

/** One thing that is done for a group, for people. */
export interface PlannedGroupStep {
  /** The same for a shell; `PID` is the process. */
  readonly text: string;
  /** What it is for, in words. */
  readonly what: string;
  /** The field of the resources that asks for it; undefined: the group itself. */
  readonly field?: string;
}

/** Whose group is planned. */
export interface GroupPlanOptions extends GroupOptions {
  /** Slice of the scope, when systemd keeps the group. */
  readonly slice?: string;
}

/**
 * What `prepare` and `apply` of a manager with these options would do on this host. Nothing is done.
 *
 * @param driver who would keep the group. Of systemd, which is not asked, only the scope is known.
 * @throws {CgroupError} ERR_CGROUP_INVALID and ERR_CGROUP_CONTROLLER as those would.
 */
export function planGroup(options: GroupPlanOptions, driver: 'cgroupfs' | 'systemd'): readonly PlannedGroupStep[] {
  const { layout, parts } = partsOf(options);
  const resources = options.resources ?? {};
  checkControllers(layout, resources);
  if (driver === 'systemd') {
    const user = process.geteuid?.() !== 0;
    const slice = sliceName(options.slice, user ? 'user.slice' : 'system.slice');
    const text = `busctl ${user ? '--user ' : ''}call org.freedesktop.systemd1 … StartTransientUnit ${scopeName(options)} fail …`;
    return [{ text, what: `let systemd make the scope in ${slice}, with PID and the limits as its properties` }];
  }
  return parts.flatMap((part) => planPart(part, resources));
}

function planPart(part: Part, resources: Resources): readonly PlannedGroupStep[] {
  const { path } = part.group;
  const name = part.hierarchy.version === 2 ? 'cgroup v2' : part.keys.join();
  return [
    { text: `mkdir -p ${path}`, what: `make the group of ${name}` },
    ...part.writes(resources, {}).map(({ file, value, field }) => ({
      text: `echo '${value}' > ${path}/${file}`,
      what: 'set a limit',
      field,
    })),
    ...planDevices(part, resources),
    { text: `echo PID > ${path}/cgroup.procs`, what: `put the process into the group of ${name}` },
  ];
}

function planDevices({ group, governsDevices }: Part, resources: Resources): readonly PlannedGroupStep[] {
  const rules = governsDevices ? deviceRules(resources) : undefined;
  if (!rules) return [];
  const policy = devicePolicy(rules);
  if (policy.allowByDefault && policy.exceptions.length === 0) return [];
  const text = `bpftool cgroup attach ${group.path} device id …  (${deviceProgram(policy).length} instructions)`;
  return [{ text, what: 'let a program decide about devices', field: deviceField(resources) }];
}
