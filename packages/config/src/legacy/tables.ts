import { FREEZER_STATES } from '../cgroup.ts';
import type { Codec } from '../codec/codec.ts';
import { list, record } from '../codec/collections.ts';
import { defaulted, type Fields, object, optional } from '../codec/object.ts';
import { boolean, choice, integer, integer64, string, text } from '../codec/scalars.ts';
import { idMap } from '../container-json/mount-table.ts';
import { route } from '../container-json/network-table.ts';
import { deviceTypeCodec, rlimitType } from '../container-json/scalars.ts';
import { DEVICE_TYPES, type DeviceRule } from '../device.ts';
import { UINT64_MAX } from '../integers.ts';
import type { Rlimit } from '../rlimit.ts';
import { switches } from './switches.ts';
import type {
  LegacyCgroup,
  LegacyConfig,
  LegacyDeviceNodes,
  LegacyMount,
  LegacyMountConfig,
  LegacyNetwork,
} from './types.ts';

const limit = integer64({ unset: 0 });
const positive = integer({ min: 0, max: 0x7fff_ffff, unset: 0 });
const id = integer({ min: 0, max: 0xffff_ffff });

const networkFields: Fields<LegacyNetwork> = {
  type: optional(text, 'loopback, veth or netns.'),
  context: optional(record(string), 'bridge, prefix or nspath.'),
  tempVeth: optional(text, "Name of the container's end while it is moved."),
  ip: optional(text, 'IPv4 address with prefix length.'),
  address: optional(text, 'IPv4 address with prefix length.'),
  gateway: optional(text, 'IPv4 address of the default route.'),
  bridge: optional(text, 'Bridge of the host.'),
  mtu: optional(positive, 'MTU in bytes.'),
  vethPrefix: optional(text, "Begin of the name of the host's end."),
  nsPath: optional(text, 'Network namespace to join.'),
  macAddress: optional(text, 'Ethernet address.'),
  ipv6Address: optional(text, 'IPv6 address with prefix length.'),
  ipv6Gateway: optional(text, 'IPv6 address of the default route.'),
  txQueueLen: optional(positive, 'Length of the transmit queue in packets.', 'txqueuelen'),
};

const network = object('LegacyNetwork', networkFields);

const mountFields: Fields<LegacyMount> = {
  type: optional(text, 'bind, tmpfs or devtmpfs.'),
  source: optional(text, 'Path on the host.'),
  destination: optional(text, 'Path inside the container.'),
  writable: optional(boolean, 'Not read-only.'),
  relabel: optional(choice(['z', 'Z']), 'SELinux relabelling.'),
  private: optional(boolean, 'Private propagation.'),
  slave: optional(boolean, 'Slave propagation.'),
};

const mount = object('LegacyMount', mountFields);

// Zero values are left out in these files, so every number has a default.
const number = integer({ min: -1, max: 0xffff_ffff });
const deviceFields: Fields<DeviceRule> = {
  type: defaulted(deviceTypeCodec([...DEVICE_TYPES, 'a']), 'c', 'Kind.'),
  path: optional(text, 'Path inside the container.'),
  major: defaulted(number, 0, 'Major number.', 'major_number'),
  minor: defaulted(number, 0, 'Minor number.', 'minor_number'),
  permissions: defaulted(string, '', 'Some of r, w and m.', 'cgroup_permissions'),
  fileMode: optional(id, 'Permission bits.'),
  uid: optional(id, 'Owner.'),
  gid: optional(id, 'Group.'),
};

const device = object('LegacyDevice', deviceFields);
const deviceList = list(device);

const namedDeviceFields: Fields<Exclude<LegacyDeviceNodes, readonly DeviceRule[]>> = {
  required: optional(list(string), 'Names of device nodes.'),
  optional: optional(list(string), 'Names of device nodes.'),
};

const namedDevices = object('LegacyNamedDevices', namedDeviceFields);

const deviceNodes: Codec<LegacyDeviceNodes> = {
  decode: (node, path, report) => (node.kind === 'object' ? namedDevices : deviceList).decode(node, path, report),
  encode: (nodes) => ('length' in nodes ? deviceList.encode(nodes) : namedDevices.encode(nodes)),
  schema: (builder) => ({ anyOf: [deviceList.schema(builder), namedDevices.schema(builder)] }),
};

const cgroupFields: Fields<LegacyCgroup> = {
  name: optional(text, 'Name of the own group.'),
  parent: optional(text, 'Parent group.'),
  deviceAccess: optional(boolean, 'Every device may be used.'),
  allowAllDevices: optional(boolean, 'Every device may be used.'),
  allowedDevices: optional(list(device), 'Devices that may be used.'),
  memory: optional(limit, 'Memory limit in bytes.'),
  memoryReservation: optional(limit, 'Soft memory limit in bytes.'),
  memorySwap: optional(limit, 'Limit of memory and swap in bytes.'),
  cpuShares: optional(limit, 'Relative weight of CPU time.'),
  cpuQuota: optional(limit, 'CPU time in microseconds in each period.'),
  cpuPeriod: optional(limit, 'Period in microseconds.'),
  cpusetCpus: optional(text, 'CPUs that may be used.'),
  cpusetMems: optional(text, 'Memory nodes that may be used.'),
  blkioWeight: optional(integer({ unset: 0 }), 'Weight of block I/O.'),
  freezer: optional(choice(FREEZER_STATES), 'State of the freezer.'),
  slice: optional(text, 'systemd slice.'),
};

const mountConfigFields: Fields<LegacyMountConfig> = {
  noPivotRoot: optional(boolean, 'MS_MOVE and chroot.'),
  pivotDir: optional(text, 'Not used.'),
  readonlyFs: optional(boolean, 'Read-only root.'),
  mounts: optional(list(mount), 'Mounts.'),
  deviceNodes: optional(list(device), 'Device nodes.'),
  mountLabel: optional(text, 'SELinux label.'),
};

const rlimitFields: Fields<Rlimit> = {
  type: defaulted(rlimitType, 0, 'Resource.'),
  hard: defaulted(integer64({ min: 0, max: UINT64_MAX }), 0, 'Hard limit.'),
  soft: defaulted(integer64({ min: 0, max: UINT64_MAX }), 0, 'Soft limit.'),
};

const commandFields: Fields<NonNullable<LegacyConfig['command']>> = {
  args: optional(list(string), 'Program and arguments.'),
  environment: optional(list(string), 'Environment.'),
};

const legacyFields: Fields<LegacyConfig> = {
  id: optional(text, 'Container id.'),
  namespacePid: optional(integer(), "Pid of the container's init."),
  networkNamespaceFd: optional(integer(), 'Descriptor of a network namespace.'),
  logFile: optional(text, 'Log file.'),
  command: optional(object('LegacyCommand', commandFields), 'Program.'),
  rootfs: optional(text, 'Root file system.'),
  rootFs: optional(text, 'Root file system.'),
  hostname: optional(text, 'Host name.'),
  user: optional(text, 'User.'),
  workingDir: optional(text, 'Working directory.'),
  environment: optional(list(string), 'Environment.'),
  tty: optional(boolean, 'Terminal.'),
  namespaces: optional(switches, 'Namespaces.'),
  capabilities: optional(switches, 'Capabilities to drop until 2014-05, then to keep.'),
  capabilitiesMask: optional(switches, 'Capabilities to drop.'),
  network: optional(network, 'Network interface.'),
  networks: optional(list(network), 'Network interfaces.'),
  routes: optional(list(route), 'Routes.'),
  cgroups: optional(object('LegacyCgroup', cgroupFields), 'Control groups.'),
  cgroupName: optional(text, 'Name of the own group.'),
  cgroupParent: optional(text, 'Parent group.'),
  deviceAccess: optional(boolean, 'Every device may be used.'),
  memory: optional(limit, 'Memory limit in bytes.'),
  memorySwap: optional(limit, 'Limit of memory and swap in bytes.'),
  cpuShares: optional(limit, 'Relative weight of CPU time.'),
  noPivotRoot: optional(boolean, 'MS_MOVE and chroot.'),
  readonlyFs: optional(boolean, 'Read-only root.'),
  mounts: optional(list(mount), 'Mounts.'),
  context: optional(record(string), 'apparmor_profile, mount_label, process_label, restrictions.'),
  deviceNodes: optional(deviceNodes, 'Device nodes.'),
  requiredDeviceNodes: optional(list(string), 'Names of device nodes.'),
  optionalDeviceNodes: optional(list(string), 'Names of device nodes.'),
  mountConfig: optional(object('LegacyMountConfig', mountConfigFields), 'Mounts and devices.'),
  apparmorProfile: optional(text, 'AppArmor profile.'),
  processLabel: optional(text, 'SELinux label.'),
  restrictSys: optional(boolean, 'Read-only parts of /proc and /sys.'),
  rlimits: optional(list(object('LegacyRlimit', rlimitFields)), 'Resource limits.'),
  additionalGroups: optional(list(id), 'Supplementary groups.'),
  uidMappings: optional(list(idMap), 'User ids.'),
  gidMappings: optional(list(idMap), 'Group ids.'),
};

/** Reads every container.json of 2014. */
export const legacyTable = object('LegacyConfig', legacyFields);
