import type {
  DumpStatistics,
  ManageCgroupsMode,
  NetworkLockMethod,
  PageServerAddress,
  RestoreStatistics,
} from '@nsinit/criu';
import type { FdNumber } from '@nsinit/syscall';

/** What a checkpoint and a restore have in common. */
export interface ImagesOptions {
  /**
   * Directory of the images. A checkpoint makes it, for its owner alone: memory is in there. Default `criu.image` in the
   * directory of the container's state, which goes with the container.
   */
  readonly imagesDirectory?: string | undefined;
  /** Directory of the logs and the statistics, made when it does not exist. Default `criu.work` beside the state. */
  readonly workDirectory?: string | undefined;
  /** Keep open TCP connections; the other end must still be there at the restore. Default false. */
  readonly tcpEstablished?: boolean | undefined;
  /** Let open TCP connections be closed ones after the restore. criu 3.6 */
  readonly tcpClose?: boolean | undefined;
  /** Allow unix sockets whose other end is outside of the container. */
  readonly externalUnixConnections?: boolean | undefined;
  /** Allow a terminal of the host, from which the container was started. */
  readonly shellJob?: boolean | undefined;
  /** Keep file locks that processes hold; nobody else may take them meanwhile. */
  readonly fileLocks?: boolean | undefined;
  /** Allow hard links to be made for files that were removed while open. */
  readonly linkRemap?: boolean | undefined;
  /** Remove pages from parent images that are newer here. */
  readonly autoDedup?: boolean | undefined;
  /**
   * A checkpoint leaves memory behind: it waits at the port of {@link pageServer}, on every address, and ends when all of it
   * was fetched, which a lazy restore elsewhere does. A restore lets the processes go on before their memory is there, which
   * comes from {@link pageServer}, or from the images; a `criu lazy-pages` is started for that, unless one waits in the work
   * directory already. userfaultfd(2)
   */
  readonly lazyPages?: boolean | undefined;
  /**
   * What criu does about control groups; undefined: nothing where the container's one group has all of its processes, since
   * the restore makes it, else criu's choice, `soft`, which makes the groups that do not exist.
   */
  readonly manageCgroupsMode?: ManageCgroupsMode | undefined;
  /** A checkpoint's page server, which memory goes to; where a lazy one keeps it, and a lazy restore gets it from. */
  readonly pageServer?: PageServerAddress | undefined;
  /**
   * The network namespace is not saved: it is a new one after the restore, with interfaces that are made from the
   * configuration as for a start, and without open connections. Undefined for a restore: as the checkpoint was made.
   */
  readonly emptyNetworkNamespace?: boolean | undefined;
  /** How packets are held back meanwhile; undefined: criu's choice. criu 3.17, `skip` 3.19 */
  readonly networkLock?: NetworkLockMethod | undefined;
  /** A configuration file of criu whose settings win. criu(8) */
  readonly configFile?: string | undefined;
  /** Gives up: a checkpointed container runs on, a restored one is gone again. */
  readonly signal?: AbortSignal | undefined;
  /** Told of each step as criu names it: `network-lock`, `post-dump`, `post-restore` … */
  readonly onStep?: ((step: string) => void) | undefined;
}

/** How a container is checkpointed. */
export interface CheckpointOptions extends ImagesOptions {
  /** Let it run on afterwards. Default false: it ends, and its status is Checkpointed. */
  readonly leaveRunning?: boolean | undefined;
  /**
   * Write memory alone, and let it run on: a checkpoint that names these images as `parentPath` has less to write. Needs a
   * kernel with CONFIG_MEM_SOFT_DIRTY.
   */
  readonly preDump?: boolean | undefined;
  /** Directory of the images of an earlier pre-dump, relative to `imagesDirectory`. */
  readonly parentPath?: string | undefined;
  /** Leave connections out that are being opened. */
  readonly tcpSkipInFlight?: boolean | undefined;
  /** One byte of 0 is written here when a lazy checkpoint is ready for its restore, after the step `status-ready`. */
  readonly statusFd?: FdNumber | undefined;
}

/** How a container is restored. */
export interface RestoreOptions extends ImagesOptions {
  /** Another profile than that of the checkpoint: `apparmor:NAME` or `selinux:LABEL`. */
  readonly lsmProfile?: string | undefined;
  /** SELinux label of the restored mounts that had another one at the checkpoint. */
  readonly lsmMountContext?: string | undefined;
}

/** What a checkpoint did. */
export interface CheckpointResult {
  readonly imagesDirectory: string;
  /** Undefined when criu left none. */
  readonly statistics: DumpStatistics | undefined;
}

/** What a restore did. */
export interface RestoreResult {
  /** Undefined when criu left none. */
  readonly statistics: RestoreStatistics | undefined;
  /** Of a lazy restore whose memory comes through a program of ours. */
  readonly lazyMemory?: LazyMemory | undefined;
}

/** Memory that comes while the processes run. */
export interface LazyMemory {
  /** The `criu lazy-pages` that hands it over: it must live until then, and outlives this process. */
  readonly pid: number;
  /**
   * Fulfilled when all of it is there, or the processes are gone.
   *
   * @throws {CriuError} when it is lost; the container was killed then, unless this process had ended.
   */
  done(): Promise<void>;
}
