import type { Device, DeviceRule } from '../device.ts';
import { DEFAULT_AUTO_CREATED_DEVICES, DEFAULT_SIMPLE_DEVICES } from '../device-defaults.ts';
import type { Dialect } from '../dialect.ts';
import type { Conversion } from './conversion.ts';
import type { LegacyConfig, LegacyDeviceNodes } from './types.ts';

/** Nodes that a file of May 2014 could name without their numbers. */
const NAMED: ReadonlyMap<string, Device> = new Map(
  DEFAULT_AUTO_CREATED_DEVICES.map((device) => [device.path.slice('/dev/'.length), device]),
);

/** The device nodes: those of the file, or those that every container had. */
export function convertDevices(raw: LegacyConfig, dialect: Dialect, conversion: Conversion): readonly Device[] {
  const { deviceNodes: listed } = raw;
  const byName = listed === undefined || isList(listed) ? undefined : listed;
  const nodes = [
    ...(isList(listed) ? listed : []).flatMap((rule, index) => device(rule, ['device_nodes', index], conversion)),
    ...(raw.mountConfig?.deviceNodes ?? []).flatMap((rule, index) =>
      device(rule, ['mount_config', 'device_nodes', index], conversion),
    ),
    ...named(raw.requiredDeviceNodes, ['required_device_nodes'], true, conversion),
    ...named(raw.optionalDeviceNodes, ['optional_device_nodes'], false, conversion),
    ...named(byName?.required, ['device_nodes', 'required'], true, conversion),
    ...named(byName?.optional, ['device_nodes', 'optional'], false, conversion),
  ];
  const written = listed ?? raw.mountConfig?.deviceNodes ?? raw.requiredDeviceNodes ?? raw.optionalDeviceNodes;
  if (written !== undefined || dialect === '2014-07') return nodes;
  conversion.note(
    'devices',
    `the device nodes that dialect ${dialect} implies are made: null, zero, full, tty, urandom, random`,
  );
  return DEFAULT_SIMPLE_DEVICES;
}

function isList(nodes: LegacyDeviceNodes | undefined): nodes is readonly DeviceRule[] {
  return Array.isArray(nodes);
}

function device(rule: DeviceRule, steps: readonly (string | number)[], conversion: Conversion): readonly Device[] {
  const { type, path } = rule;
  if (type !== 'a' && path !== undefined) return [{ ...rule, type, path }];
  conversion.problem(conversion.place(...steps), 'a device node needs a path and a type other than "a"');
  return [];
}

function named(
  names: readonly string[] | undefined,
  steps: readonly string[],
  required: boolean,
  conversion: Conversion,
): readonly Device[] {
  return (names ?? []).flatMap((name, index) => {
    const known = NAMED.get(name.replace(/^\/dev\//, ''));
    if (known !== undefined) return [known];
    const place = conversion.place(...steps, index);
    if (required) conversion.unknown(place, 'device node', name, [...NAMED.keys()]);
    else conversion.note(place.path, `the device node ${JSON.stringify(name)} is not known and is left out`);
    return [];
  });
}
