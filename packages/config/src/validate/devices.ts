import type { Config } from '../config.ts';
import { DEVICE_TYPES, type DeviceRule } from '../device.ts';
import type { Checker } from './checker.ts';

/** Numbers of devices have 12 and 20 bits in the kernel. */
const MAJOR_MAX = 0xfff;
const MINOR_MAX = 0xf_ffff;

/** Device nodes can be made, and device rules can be written. */
export function checkDevices({ devices, cgroups }: Config, checker: Checker): void {
  devices?.forEach((device, index) => {
    const place = `devices[${index}]`;
    checkDevice(device, place, DEVICE_TYPES, 0, checker);
    checker.absolute(`${place}.path`, 'device', device.path);
    // The upper bits are the file type, which older tools include.
    checker.range(`${place}.file_mode`, 'file mode', device.fileMode, 0, 0o177777);
  });
  for (const [key, rules] of [
    ['allowed_devices', cgroups?.allowedDevices],
    ['denied_devices', cgroups?.deniedDevices],
  ] as const) {
    rules?.forEach((rule, index) => {
      checkDevice(rule, `cgroups.${key}[${index}]`, [...DEVICE_TYPES, 'a'], -1, checker);
      if (rule.permissions === '') checker.add(`cgroups.${key}[${index}].permissions`, 'no permission is given');
    });
  }
}

function checkDevice(rule: DeviceRule, place: string, types: readonly string[], min: number, checker: Checker): void {
  if (!types.includes(rule.type)) {
    const name = rule.path === undefined ? '' : ` for device ${rule.path}`;
    checker.add(`${place}.type`, `${rule.type} is not a valid device type${name}`);
  }
  checker.range(`${place}.major`, 'major number', rule.major, min, MAJOR_MAX);
  checker.range(`${place}.minor`, 'minor number', rule.minor, min, MINOR_MAX);
  if (!/^(?!.*(.).*\1)[rwm]*$/.test(rule.permissions)) {
    checker.add(`${place}.permissions`, `${JSON.stringify(rule.permissions)} is not made of r, w and m`);
  }
}
