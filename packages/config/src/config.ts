import type { Capabilities } from './capability.ts';
import type { Cgroup } from './cgroup.ts';
import type { Device } from './device.ts';
import type { IdMap } from './id-map.ts';
import type { Landlock } from './landlock.ts';
import type { Mount } from './mount.ts';
import type { Namespace } from './namespaces.ts';
import type { Network, Route } from './network.ts';
import type { Rlimit } from './rlimit.ts';
import type { SeccompSection } from './seccomp.ts';

/** What a process of the container gets when its caller does not say otherwise. */
export interface ProcessDefaults {
  /** Program and arguments; only the very first files of 2014-02 have them. */
  readonly args?: readonly string[];
  /** Environment as `NAME=value`, taken literally: `$PATH` in a value is not expanded. */
  readonly env?: readonly string[];
  /** User and group as `user`, `uid`, `user:group` or `uid:gid`, looked up inside the container. */
  readonly user?: string;
  /** Working directory inside the container. */
  readonly cwd?: string;
  /** True: the process gets a terminal. */
  readonly tty?: boolean;
}

/**
 * Configuration of a container. Only `rootfs` must be given; an undefined list is empty, an undefined flag is false,
 * and an undefined text or number leaves that thing alone, unless its field says otherwise.
 */
export interface Config {
  /** Absolute path of the directory that becomes the container's `/`; it is not a symbolic link. */
  readonly rootfs: string;
  /** Moves the root with MS_MOVE and chroot instead of pivot_root(2): for a host whose root is an initramfs. */
  readonly noPivotRoot?: boolean;
  /** Signal that init gets when the process that started it dies, 1 to 64; undefined or 0: none. */
  readonly parentDeathSignal?: number;
  /** Accepted from older files and not used: pivot_root(".", ".") needs no directory for the old root. */
  readonly pivotDir?: string;
  /** Makes the root file system read-only; mounts below it keep their own flags. */
  readonly readonlyFs?: boolean;
  /** Propagation of the container's `/` is private rather than slave: later mounts of the host do not appear. */
  readonly privateFs?: boolean;
  /** Mounts, in order. */
  readonly mounts?: readonly Mount[];
  /** Device nodes made in the container. The cgroup's device rules must allow them as well. */
  readonly devices?: readonly Device[];
  /** SELinux label of mounts, console and message queues. */
  readonly mountLabel?: string;
  /** Host name, at most 64 bytes; needs NEWUTS. */
  readonly hostname?: string;
  /** NIS domain name, at most 64 bytes; needs NEWUTS. */
  readonly domainname?: string;
  /** Namespaces that the container does not share with the host. */
  readonly namespaces?: readonly Namespace[];
  /** Capabilities that are kept; undefined: none. */
  readonly capabilities?: Capabilities;
  /** Network interfaces; need NEWNET. */
  readonly networks?: readonly Network[];
  /** Routes; need NEWNET. */
  readonly routes?: readonly Route[];
  /**
   * Free data about the container. `org.systemd.property.NAME` with a value in the text form of GVariant
   * (`uint64 5000000`) is a property of its scope when systemd keeps its group.
   */
  readonly annotations?: Readonly<Record<string, string>>;
  /** Control groups; undefined: the container stays in those of its starter. */
  readonly cgroups?: Cgroup;
  /** AppArmor profile that takes effect at exec. */
  readonly apparmorProfile?: string;
  /** SELinux label of the process. */
  readonly processLabel?: string;
  /** Resource limits; a resource that is not listed is inherited. */
  readonly rlimits?: readonly Rlimit[];
  /** Supplementary groups, as names or numbers of the container, beside those of the user. */
  readonly additionalGroups?: readonly string[];
  /**
   * Mounts the root file system id-mapped (kernel 5.12): its files belong inside to the ids that they have on disk, so that one
   * image serves containers with different maps. Needs a user namespace of the container's own, and root.
   */
  readonly idmapRootfs?: boolean;
  /** User ids of the user namespace; need NEWUSER. */
  readonly uidMappings?: readonly IdMap[];
  /** Group ids of the user namespace; need NEWUSER. */
  readonly gidMappings?: readonly IdMap[];
  /** Absolute paths of the container that are hidden; one that does not exist is left out. */
  readonly maskPaths?: readonly string[];
  /** Absolute paths of the container that cannot be written; one that does not exist is left out. */
  readonly readonlyPaths?: readonly string[];
  /** Values of sysctl(8), by name with dots or slashes. */
  readonly systemProperties?: Readonly<Record<string, string>>;
  /** System call filter: an object of the format of 2015, a profile, or the name of one; undefined: none. */
  readonly seccomp?: SeccompSection;
  /** Rights on files, TCP ports and other processes that are given up; undefined: none. */
  readonly landlock?: Landlock;
  /** PR_SET_NO_NEW_PRIVS: exec never gains privileges. */
  readonly noNewPrivileges?: boolean;
  /** Inclination to be killed when memory is out, -1000 to 1000, see proc(5). */
  readonly oomScoreAdj?: number;
  /** File mode creation mask, 0 to 0o777; undefined: inherited. */
  readonly umask?: number;
  /** Defaults of the container's processes. */
  readonly process?: ProcessDefaults;
}
