import { defaulted, type Fields, object, optional, required } from '../codec/object.ts';
import { integer, string, text } from '../codec/scalars.ts';
import { DEVICE_TYPES, type Device, type DeviceRule } from '../device.ts';
import { deviceTypeCodec } from './scalars.ts';

const number = integer({ min: -1, max: 0xffff_ffff });
const id = integer({ min: 0, max: 0xffff_ffff });
const MOVED = { major_number: 'major', minor_number: 'minor', cgroup_permissions: 'permissions' };

const common = {
  major: defaulted(number, 0, 'Major number; -1 in a rule: all.'),
  minor: defaulted(number, 0, 'Minor number; -1 in a rule: all.'),
  permissions: defaulted(string, '', 'Some of r, w and m.'),
  fileMode: optional(id, 'Permission bits.'),
  uid: optional(id, 'Owner.'),
  gid: optional(id, 'Group.'),
} as const;

const deviceFields: Fields<Device> = {
  type: required(deviceTypeCodec(DEVICE_TYPES), 'Kind of the node, as character code or letter.'),
  path: required(text, 'Absolute path inside the container.'),
  ...common,
};

const ruleFields: Fields<DeviceRule> = {
  type: required(deviceTypeCodec([...DEVICE_TYPES, 'a']), 'Kind of the devices, as character code or letter.'),
  path: optional(text, 'For people only.'),
  ...common,
};

/** An item of `devices`. */
export const device = object('Device', deviceFields, { moved: MOVED });

/** An item of `cgroups.allowed_devices` and `cgroups.denied_devices`. */
export const deviceRule = object('DeviceRule', ruleFields, { moved: MOVED });
