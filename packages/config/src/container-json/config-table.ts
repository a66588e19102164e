import { list, record } from '../codec/collections.ts';
import { defaulted, type Fields, object, optional } from '../codec/object.ts';
import { boolean, integer, string, text } from '../codec/scalars.ts';
import type { Config } from '../config.ts';
import { cgroup } from './cgroup-table.ts';
import { device } from './device-table.ts';
import { landlock } from './landlock-table.ts';
import { idMap, mount } from './mount-table.ts';
import { network, route } from './network-table.ts';
import { namespace, processDefaults, rlimit } from './process-table.ts';
import { capabilities } from './scalars.ts';
import { seccomp } from './seccomp-table.ts';

const configFields: Fields<Config> = {
  noPivotRoot: optional(boolean, 'Moves the root with MS_MOVE and chroot instead of pivot_root.'),
  parentDeathSignal: optional(integer({ unset: 0 }), 'Signal that init gets when its starter dies; 0: none.'),
  pivotDir: optional(text, 'Accepted and not used.'),
  rootfs: defaulted(string, '', "Directory that becomes the container's root; left out: where the file is read."),
  readonlyFs: optional(boolean, 'Makes the root file system read-only.', 'readonlyfs'),
  privateFs: optional(boolean, "Propagation of the container's root is private rather than slave.", 'privatefs'),
  mounts: optional(list(mount), 'Mounts, in order.'),
  devices: optional(list(device), 'Device nodes made in the container.'),
  mountLabel: optional(text, 'SELinux label of mounts, console and message queues.'),
  hostname: optional(text, 'Host name; needs NEWUTS.'),
  domainname: optional(text, 'NIS domain name; needs NEWUTS.'),
  namespaces: optional(list(namespace), 'Namespaces that the container does not share with the host.'),
  capabilities: optional(capabilities, 'Capabilities that are kept.'),
  networks: optional(list(network), 'Network interfaces; need NEWNET.'),
  routes: optional(list(route), 'Routes; need NEWNET.'),
  annotations: optional(record(string), 'Free data; org.systemd.property.NAME: property of its scope.'),
  cgroups: optional(cgroup, 'Control groups and limits.'),
  apparmorProfile: optional(text, 'AppArmor profile that takes effect at exec.'),
  processLabel: optional(text, 'SELinux label of the process.'),
  rlimits: optional(list(rlimit), 'Resource limits.'),
  additionalGroups: optional(list(string), 'Supplementary groups, as names or numbers.'),
  uidMappings: optional(list(idMap), 'User ids of the user namespace.'),
  gidMappings: optional(list(idMap), 'Group ids of the user namespace.'),
  idmapRootfs: optional(boolean, "Files of the root file system have the ids of the container's user namespace."),
  maskPaths: optional(list(string), 'Paths that are hidden.'),
  readonlyPaths: optional(list(string), 'Paths that cannot be written.'),
  systemProperties: optional(record(string), 'Values of sysctl(8).'),
  seccomp: optional(seccomp, 'System call filter: rules of 2015, a profile, or the name of one.'),
  landlock: optional(landlock, 'Rights on files, TCP ports and other processes that are given up.'),
  noNewPrivileges: optional(
    boolean,
    'Exec never gains privileges; a filter is installed after the capabilities were dropped then, else before.',
  ),
  oomScoreAdj: optional(integer(), 'Inclination to be killed when memory is out, -1000 to 1000.'),
  umask: optional(integer(), 'File mode creation mask.'),
  process: optional(processDefaults, "Defaults of the container's processes."),
};

/** container.json as libcontainer reads and writes it since 2015, with the keys that this package adds. */
export const configTable = object('Config', configFields, {
  moved: {
    environment: 'process.env',
    env: 'process.env',
    tty: 'process.tty',
    user: 'process.user',
    working_dir: 'process.cwd',
    cwd: 'process.cwd',
    args: 'process.args',
    root_fs: 'rootfs',
    device_nodes: 'devices',
    restrict_sys: 'readonly_paths',
    sysctl: 'system_properties',
  },
});
