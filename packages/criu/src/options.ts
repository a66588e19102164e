import type { FdNumber } from '@nsinit/syscall';
import type { RpcMessage } from './messages/rpc.ts';

/** What CRIU does with the cgroups of the tree. https://criu.org/CGroups */
export type ManageCgroupsMode = 'ignore' | 'none' | 'props' | 'soft' | 'full' | 'strict';

/** How packets are held back while TCP connections are dumped or restored. */
export type NetworkLockMethod = 'iptables' | 'nftables' | 'skip';

/** An address on which a page server listens. */
export interface PageServerAddress {
  /** IPv4 or IPv6 address. */
  readonly address: string;
  readonly port: number;
}

/** A file system that is not part of the images: by one name in the images, and another outside of them. */
export interface ExternalMount {
  /** Dump: the mount point in the tree. Restore: the name that the dump gave. */
  readonly key: string;
  /** Dump: the name in the images. Restore: the host's path to mount. */
  readonly value: string;
}

/** What every operation takes. */
export interface ImageOptions {
  /** Where the images are; it must exist. */
  readonly imagesDirectory: string;
  /** Where the log and the statistics go; it must exist. By default the images' directory. */
  readonly workDirectory?: string | undefined;
  /** Name of the log in the work directory. By default `dump.log`, `pre-dump.log`, `restore.log` … */
  readonly logFile?: string | undefined;
  /** 0 (nothing) to 4 (everything), by default 4. */
  readonly logLevel?: number | undefined;
  /** A configuration file whose settings win over these options. criu(8) */
  readonly configFile?: string | undefined;
  /**
   * Ends the operation: criu is refused at its next question, so that it puts everything back; after
   * {@link abortGraceMs} it is killed.
   */
  readonly signal?: AbortSignal | undefined;
  /** In milliseconds, by default 10000. 0 kills at once. A killed criu may leave a network lock or frozen processes. */
  readonly abortGraceMs?: number | undefined;
  /** Fields of the request by their published names, for what has no option here. They win. */
  readonly raw?: Partial<RpcMessage<'criu_opts'>> | undefined;
}

/** What dump, pre-dump and restore take. */
export interface TreeOptions extends ImageOptions {
  /** Root directory of the tree, as this process sees it. */
  readonly root?: string | undefined;
  readonly tcpEstablished?: boolean | undefined;
  /** Restore TCP connections as closed; a dump leaves their state out. criu 3.6 */
  readonly tcpClose?: boolean | undefined;
  /** Allow unix sockets whose other end is outside of the tree. */
  readonly externalUnixConnections?: boolean | undefined;
  /** Allow a session or a terminal that is inherited from outside. */
  readonly shellJob?: boolean | undefined;
  readonly fileLocks?: boolean | undefined;
  /** Allow hard links to be made for files that were unlinked while open. */
  readonly linkRemap?: boolean | undefined;
  /** Allow other paths to the same device. */
  readonly evasiveDevices?: boolean | undefined;
  /** By default criu's own choice, `soft`. */
  readonly manageCgroupsMode?: ManageCgroupsMode | undefined;
  /** By controller; no controller means all of them. */
  readonly cgroupRoots?: readonly { readonly controller?: string; readonly path: string }[] | undefined;
  readonly externalMounts?: readonly ExternalMount[] | undefined;
  /** Other external objects in criu's notation: `net[4026532008]:name`, `tty[rdev:dev]`, `veth[in]:out@bridge`. */
  readonly external?: readonly string[] | undefined;
  /** Mounts that are left out. */
  readonly skipMounts?: readonly string[] | undefined;
  /** Names of file systems that are treated as if nothing but their mount were to be remembered. */
  readonly enableFilesystems?: readonly string[] | undefined;
  /** Find mounts from outside by themselves. */
  readonly autoExternalMounts?: boolean | undefined;
  /** Allow mounts that share propagation with mounts outside. */
  readonly externalSharing?: boolean | undefined;
  readonly externalMasters?: boolean | undefined;
  /** Dump the network namespace without, and restore it empty. */
  readonly emptyNetworkNamespace?: boolean | undefined;
  readonly networkLock?: NetworkLockMethod | undefined;
  /** Remove pages from the parent images that are newer here. */
  readonly autoDedup?: boolean | undefined;
  /**
   * Leave pages behind: a dump ends only after `criu lazy-pages` fetched them from the port of {@link pageServer}, on
   * which it listens on every address; a restore needs that program running with the same work directory.
   */
  readonly lazyPages?: boolean | undefined;
  /** Where pages go to, or come from. */
  readonly pageServer?: PageServerAddress | undefined;
  /** In bytes; files that were unlinked while open are put into the images up to this size, by default 1 MiB. */
  readonly ghostLimitBytes?: number | undefined;
  /** In seconds: how long freezing may take, by default 10. */
  readonly timeoutSeconds?: number | undefined;
  /** One byte of 0 is written here when criu is ready for a lazy restore. */
  readonly statusFd?: FdNumber | undefined;
}

/** What a dump takes. */
export interface DumpOptions extends TreeOptions {
  /** Root of the tree to dump, as this process sees it. */
  readonly pid: number;
  /** Let the tree run on afterwards; by default it is killed. */
  readonly leaveRunning?: boolean | undefined;
  /** Leave TCP connections out that are not established yet. */
  readonly tcpSkipInFlight?: boolean | undefined;
  /**
   * Images of an earlier pre-dump, relative to these images: pages that did not change since are left there. An
   * absolute path is refused, as images move between machines together.
   */
  readonly parentImages?: string | undefined;
  /** Make the kernel remember which pages change from now on, for the next dump. */
  readonly trackMemory?: boolean | undefined;
  /** Freezes the tree by this cgroup, in place of stopping each thread: path of its freezer directory. */
  readonly freezeCgroup?: string | undefined;
  /** Allow masters of terminals that nobody holds open. */
  readonly orphanPtsMaster?: boolean | undefined;
}

/** What a pre-dump takes; it always lets the tree run on and remembers which pages change. */
export type PreDumpOptions = Omit<DumpOptions, 'leaveRunning' | 'trackMemory'>;

/** What a restore takes. */
export interface RestoreOptions extends TreeOptions {
  /** Make the tree a child of criu's parent, which then waits for it; by default it is init's. */
  readonly asSibling?: boolean | undefined;
  /** Descriptors of this process for the tree: `key` as in the images, such as `pipe:[1234]`. */
  readonly inheritFds?: readonly { readonly key: string; readonly fd: FdNumber }[] | undefined;
  /** Pairs of network interfaces: the one in the tree and its end outside, which is made. */
  readonly veths?: readonly { readonly inside: string; readonly outside: string }[] | undefined;
  /** Namespaces that exist, by kind and path: `{ kind: 'net', path: '/run/netns/a' }`. */
  readonly joinNamespaces?:
    | readonly { readonly kind: string; readonly path: string; readonly extra?: string }[]
    | undefined;
  /** Another LSM profile than the dumped one: `apparmor:name`, `selinux:label`. */
  readonly lsmProfile?: string | undefined;
  readonly lsmMountContext?: string | undefined;
  /** Go on when a sysctl(8) cannot be set. */
  readonly weakSysctls?: boolean | undefined;
  /** A terminal whose master nobody holds is made, and its master sent with the notification `orphan-pts-master`. */
  readonly orphanPtsMaster?: boolean | undefined;
  /** criu's standard streams, which a shell job takes its terminal from. */
  readonly stdio?: readonly [FdNumber, FdNumber, FdNumber] | undefined;
}

/** Options that have a field of the same meaning. */
const sameFields = {
  root: 'root',
  configFile: 'config_file',
  tcpEstablished: 'tcp_established',
  tcpClose: 'tcp_close',
  externalUnixConnections: 'ext_unix_sk',
  shellJob: 'shell_job',
  fileLocks: 'file_locks',
  linkRemap: 'link_remap',
  evasiveDevices: 'evasive_devices',
  external: 'external',
  skipMounts: 'skip_mnt',
  enableFilesystems: 'enable_fs',
  autoExternalMounts: 'auto_ext_mnt',
  externalSharing: 'ext_sharing',
  externalMasters: 'ext_masters',
  autoDedup: 'auto_dedup',
  lazyPages: 'lazy_pages',
  ghostLimitBytes: 'ghost_limit',
  timeoutSeconds: 'timeout',
  pid: 'pid',
  leaveRunning: 'leave_running',
  tcpSkipInFlight: 'tcp_skip_in_flight',
  parentImages: 'parent_img',
  trackMemory: 'track_mem',
  freezeCgroup: 'freeze_cgroup',
  orphanPtsMaster: 'orphan_pts_master',
  asSibling: 'rst_sibling',
  lsmProfile: 'lsm_profile',
  lsmMountContext: 'lsm_mount_context',
  weakSysctls: 'weak_sysctls',
} as const satisfies Partial<Record<keyof (DumpOptions & RestoreOptions), keyof RpcMessage<'criu_opts'>>>;

const cgroupModes = {
  ignore: 'IGNORE',
  none: 'CG_NONE',
  props: 'PROPS',
  soft: 'SOFT',
  full: 'FULL',
  strict: 'STRICT',
} as const;

const networkLocks = { iptables: 'IPTABLES', nftables: 'NFTABLES', skip: 'SKIP' } as const;

const CLONE_NEWNET = 0x40000000;

/** Descriptors by the numbers that criu reaches them with. */
export interface OptionDescriptors {
  /** Of this process: criu opens /proc/pid/fd. */
  readonly imagesDirectory: number;
  readonly workDirectory?: number | undefined;
  /** criu's own number of the first of `inheritFds`. */
  readonly firstInherited: number;
}

/**
 * The options as a request carries them.
 *
 * @throws {TypeError} for an absolute `parentImages`, and for values that have no name here.
 */
export function compileOptions(
  options: DumpOptions | PreDumpOptions | RestoreOptions | ImageOptions,
  defaultLog: string,
  fds: OptionDescriptors,
): RpcMessage<'criu_opts'> {
  const given = options as Partial<DumpOptions & RestoreOptions>;
  if (given.parentImages?.startsWith('/'))
    throw new TypeError(`parentImages: ${given.parentImages} is absolute; give it relative to the images' directory`);
  const same = Object.entries(sameFields)
    .map(([option, field]) => [field, given[option as keyof typeof sameFields]] as const)
    .filter(([, value]) => value !== undefined);
  return {
    images_dir_fd: fds.imagesDirectory,
    work_dir_fd: fds.workDirectory,
    log_file: options.logFile ?? defaultLog,
    log_level: options.logLevel ?? 4,
    notify_scripts: true,
    ...Object.fromEntries(same),
    manage_cgroups_mode: given.manageCgroupsMode && named(cgroupModes, given.manageCgroupsMode, 'manageCgroupsMode'),
    network_lock: given.networkLock && named(networkLocks, given.networkLock, 'networkLock'),
    ...(given.emptyNetworkNamespace && { empty_ns: CLONE_NEWNET }),
    cg_root: given.cgroupRoots?.map(({ controller, path }) => ({ ctrl: controller, path })),
    ext_mnt: given.externalMounts?.map(({ key, value }) => ({ key, val: value })),
    ps: given.pageServer && { address: given.pageServer.address, port: portNumber(given.pageServer.port) },
    status_fd: given.statusFd?.fd,
    inherit_fd: given.inheritFds?.map(({ key }, index) => ({ key, fd: fds.firstInherited + index })),
    veths: given.veths?.map(({ inside, outside }) => ({ if_in: inside, if_out: outside })),
    join_ns: given.joinNamespaces?.map(({ kind, path, extra }) => ({ ns: kind, ns_file: path, extra_opt: extra })),
    ...options.raw,
  };
}

function named<T extends Readonly<Record<string, string>>, K extends keyof T & string>(
  table: T,
  name: K,
  option: string,
): T[K] {
  if (!Object.hasOwn(table, name))
    throw new TypeError(`${option}: ${name} is not one of ${Object.keys(table).join(', ')}`);
  return table[name];
}

/** @throws {RangeError} */
export function portNumber(port: number): number {
  if (!Number.isInteger(port) || port < 0 || port > 65535) throw new RangeError(`${port} is not a port number`);
  return port;
}
