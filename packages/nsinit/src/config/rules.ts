import { resolve } from 'node:path';
import { type Cgroup, type Config, type Mount, withSecurityProfile } from '@nsinit/config';
import type { containerFlags } from '../cli/container-flags.ts';
import type { FlagValues } from '../cli/flag.ts';
import { UsageError } from '../cli/usage-error.ts';
import { bindMount, CGROUP_MOUNT, tmpfsMount } from './mounts.ts';
import { setNamespace } from './namespaces.ts';
import { setSeccomp } from './seccomp.ts';
import { setRootUid } from './user-namespace.ts';
import { addUserNetwork, changeUserNetwork, publishPorts } from './user-network.ts';
import { addVeth, changeVeth } from './veth.ts';

/** The flags of a container that were given. */
export type ContainerValues = FlagValues<typeof containerFlags>;

/** A flag that changes fields. */
interface FieldRule<Value> {
  /** The field that is changed, in the JSON form; the first one of several. */
  readonly field: string;
  /** The changed configuration. @throws {UsageError} for a value that makes no sense, {FileError} for its file. */
  apply(config: Config, value: Value, cwd: string): Config;
}

/** A flag that adds mounts. */
interface MountRule<Value> {
  mounts(value: Value, cwd: string): readonly Mount[];
}

/** What a flag does to a configuration. */
export type Rule<Value> = FieldRule<Value> | MountRule<Value>;

type Rules = { readonly [Name in keyof ContainerValues]-?: Rule<NonNullable<ContainerValues[Name]>> };

/** A text or number of the configuration; an empty text takes it away. */
const field = <Name extends 'apparmorProfile' | 'mountLabel' | 'processLabel' | 'hostname'>(
  name: Name,
  json: string,
) => ({
  field: json,
  apply: (config: Config, value: string): Config => without({ ...config, [name]: value }, name, value === ''),
});

/** A field of the control groups; 0 and an empty text set no limit. */
const cgroup = <Name extends keyof Cgroup>(name: Name, json: string) => ({
  field: `cgroups.${json}`,
  apply: (config: Config, value: NonNullable<Cgroup[Name]>): Config => ({
    ...config,
    cgroups: without({ ...config.cgroups, [name]: value }, name, value === 0 || value === ''),
  }),
});

const namespace = (type: Parameters<typeof setNamespace>[1]) => ({
  field: 'namespaces',
  apply: (config: Config, value: string): Config => setNamespace(config, type, value),
});

/** The object without a field, when `gone`. */
function without<T extends object>(object: T, name: keyof T, gone: boolean): T {
  if (!gone) return object;
  const { [name]: _gone, ...rest } = object;
  return rest as T;
}

/**
 * What each flag does, in the order in which it is done: namespaces come first, because they take out what would be set
 * inside of them and what other flags may ask for again.
 */
export const rules: Rules = {
  ipc: namespace('NEWIPC'),
  mnt: namespace('NEWNS'),
  net: namespace('NEWNET'),
  pid: namespace('NEWPID'),
  uts: namespace('NEWUTS'),
  rootfs: { field: 'rootfs', apply: (config, value, cwd) => ({ ...config, rootfs: resolve(cwd, value) }) },
  'read-only': { field: 'readonlyfs', apply: (config, readonlyFs) => ({ ...config, readonlyFs }) },
  hostname: field('hostname', 'hostname'),
  groups: {
    field: 'additional_groups',
    apply: (config, names) => ({ ...config, additionalGroups: [...(config.additionalGroups ?? []), ...names] }),
  },
  sysctl: {
    field: 'system_properties',
    apply: (config, texts) => ({
      ...config,
      systemProperties: { ...config.systemProperties, ...Object.fromEntries(texts.map(sysctl)) },
    }),
  },
  'parent-death-signal': {
    field: 'parent_death_signal',
    apply: (config, signal) => without({ ...config, parentDeathSignal: signal }, 'parentDeathSignal', signal === 0),
  },
  security: { field: 'seccomp', apply: (config, profile) => withSecurityProfile(config, profile) },
  seccomp: { field: 'seccomp', apply: setSeccomp },
  'no-new-privileges': {
    field: 'no_new_privileges',
    apply: (config, noNewPrivileges) => ({ ...config, noNewPrivileges }),
  },
  'apparmor-profile': field('apparmorProfile', 'apparmor_profile'),
  'process-label': field('processLabel', 'process_label'),
  'mount-label': field('mountLabel', 'mount_label'),
  cpushares: cgroup('cpuShares', 'cpu_shares'),
  'cpuset-cpus': cgroup('cpusetCpus', 'cpuset_cpus'),
  'cpuset-mems': cgroup('cpusetMems', 'cpuset_mems'),
  'memory-limit': cgroup('memory', 'memory'),
  'memory-swap': cgroup('memorySwap', 'memory_swap'),
  'memory-swappiness': {
    field: 'cgroups.memory_swappiness',
    // Unlike the other numbers 0 is a value here: never swap. The kernel's own is -1.
    apply: (config, value) => ({
      ...config,
      cgroups: without({ ...config.cgroups, memorySwappiness: value }, 'memorySwappiness', value < 0),
    }),
  },
  'pids-limit': {
    field: 'cgroups.pids_limit',
    // 0 is a value here too: no further process.
    apply: (config, value) => ({ ...config, cgroups: { ...config.cgroups, pidsLimit: value } }),
  },
  'veth-bridge': { field: 'networks', apply: addVeth },
  'veth-address': {
    field: 'networks',
    apply: (config, address) => changeVeth(config, 'veth-address', { address }),
  },
  'veth-gateway': {
    field: 'networks',
    apply: (config, gateway) => changeVeth(config, 'veth-gateway', { gateway }),
  },
  'veth-mtu': { field: 'networks', apply: (config, mtu) => changeVeth(config, 'veth-mtu', { mtu }) },
  'user-net': { field: 'networks', apply: addUserNetwork },
  'user-net-dns': { field: 'networks', apply: (config, dns) => changeUserNetwork(config, 'user-net-dns', { dns }) },
  'user-net-host': {
    field: 'networks',
    apply: (config, hostLoopback) => changeUserNetwork(config, 'user-net-host', { hostLoopback }),
  },
  'user-net-mtu': { field: 'networks', apply: (config, mtu) => changeUserNetwork(config, 'user-net-mtu', { mtu }) },
  publish: { field: 'networks', apply: publishPorts },
  'userns-root-uid': { field: 'uid_mappings', apply: setRootUid },
  'idmap-rootfs': { field: 'idmap_rootfs', apply: (config, idmapRootfs) => ({ ...config, idmapRootfs }) },
  cgroup: { mounts: (wanted) => (wanted ? [CGROUP_MOUNT] : []) },
  tmpfs: { mounts: (paths) => paths.map(tmpfsMount) },
  bind: { mounts: (texts, cwd) => texts.map((text) => bindMount(text, cwd)) },
};

function sysctl(text: string): readonly [string, string] {
  const at = text.indexOf('=');
  if (at < 1) throw new UsageError(`invalid system property ${text}`, 'write NAME=VALUE');
  return [text.slice(0, at), text.slice(at + 1)];
}
