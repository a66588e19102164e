import type { FlagTable } from './flag.ts';

const namespace = (what: string) =>
  ({
    type: 'string',
    value: 'host|private|PATH',
    help: `${what} namespace: the host's, a new one, or the one of the file PATH`,
  }) as const;

/** Flags that describe a container. Each overrides what a container.json says. */
export const containerFlags = {
  'apparmor-profile': { type: 'string', value: 'NAME', help: 'AppArmor profile' },
  bind: {
    type: 'list',
    value: 'SRC:DST[:ro|rw|idmap|ridmap,…]',
    help: 'mount the file or directory SRC of the host on DST with everything below it; with idmap its files have the owners in a user namespace that they have on disk, with ridmap also those of what is mounted below it; can be repeated',
  },
  cgroup: { type: 'boolean', help: "show the container's own control groups on /sys/fs/cgroup, read-only" },
  'cpuset-cpus': { type: 'string', value: 'LIST', help: 'CPUs that may be used: 0-2,7' },
  'cpuset-mems': { type: 'string', value: 'LIST', help: 'memory nodes that may be used: 0' },
  cpushares: { type: 'integer', value: 'N', help: 'relative weight of CPU time; 1024 is the usual one, 0 sets none' },
  groups: { type: 'list', value: 'NAME', help: 'supplementary group, by name or number; can be repeated' },
  hostname: { type: 'string', value: 'NAME', default: 'nsinit', help: 'host name' },
  'idmap-rootfs': {
    type: 'boolean',
    help: 'mount the root file system id-mapped: in a user namespace its files have the owners that they have on disk',
  },
  ipc: namespace('IPC'),
  'memory-limit': { type: 'integer', value: 'BYTES', help: 'memory limit; 0 sets none' },
  'memory-swap': {
    type: 'integer',
    value: 'BYTES',
    help: 'limit of memory and swap together; -1: unlimited, 0 sets none',
  },
  'memory-swappiness': { type: 'integer', value: 'N', help: "tendency to swap, 0 to 100; -1 leaves the kernel's" },
  mnt: namespace('mount'),
  'mount-label': { type: 'string', value: 'LABEL', help: 'SELinux label of mounts' },
  net: namespace('network'),
  'no-new-privileges': { type: 'boolean', help: 'let no program gain privileges, as by a set-user-ID bit' },
  'parent-death-signal': {
    type: 'signal',
    value: 'SIGNAL',
    help: 'signal, by name or number, for the container when this nsinit dies; without it or with 0 the container lives on',
  },
  pid: namespace('PID'),
  'pids-limit': { type: 'integer', value: 'N', help: 'number of processes and threads; -1: no limit' },
  'process-label': { type: 'string', value: 'LABEL', help: 'SELinux label of the process' },
  publish: {
    type: 'list',
    value: '[ADDRESS:]HOST:CONTAINER[/udp]',
    help: 'let a port of the host lead to one of the container, through --user-net; can be repeated',
  },
  'read-only': { type: 'boolean', help: 'make the root file system read-only' },
  rootfs: {
    type: 'string',
    value: 'DIR',
    complete: 'directory',
    help: "directory that becomes the container's /",
  },
  seccomp: {
    type: 'string',
    value: 'NAME|FILE',
    complete: 'file',
    help: 'system call filter: default, high, medium or low, unconfined for none, or the profile in FILE, as Docker has them',
  },
  security: {
    type: 'string',
    choices: ['high', 'medium', 'low'],
    what: 'profile name',
    help: 'profile that replaces capabilities, resource limits and system call filter',
  },
  sysctl: { type: 'list', value: 'NAME=VALUE', help: 'kernel parameter of the container; can be repeated' },
  tmpfs: { type: 'list', value: 'DIR', help: 'mount an empty tmpfs on DIR; can be repeated' },
  'user-net': {
    type: 'string',
    choices: ['any', 'pasta', 'slirp4netns'],
    what: 'program',
    help: "give an ordinary user's container an interface eth0 that reaches what the host reaches, by this program or any that is installed",
  },
  'user-net-dns': {
    type: 'string',
    value: 'ADDRESS',
    help: "IPv4 address at which pasta answers with the host's name server; slirp4netns answers at 10.0.2.3",
  },
  'user-net-host': {
    type: 'boolean',
    help: "let the gateway of --user-net lead to the host's loopback interface, whose services are hidden otherwise",
  },
  'user-net-mtu': { type: 'integer', value: 'N', help: 'MTU of eth0 in bytes' },
  'userns-root-uid': {
    type: 'integer',
    value: 'UID',
    help: "give the container a user namespace in which root is the host's UID; 0 gives none",
  },
  uts: namespace('UTS'),
  'veth-address': { type: 'string', value: 'CIDR', help: 'IPv4 address of eth0: 172.17.0.2/16' },
  'veth-bridge': {
    type: 'string',
    value: 'NAME',
    help: 'give the container an interface eth0 on this bridge of the host',
  },
  'veth-gateway': { type: 'string', value: 'ADDRESS', help: 'IPv4 default route of the container' },
  'veth-mtu': { type: 'integer', value: 'N', help: 'MTU of eth0 in bytes' },
} as const satisfies FlagTable;
