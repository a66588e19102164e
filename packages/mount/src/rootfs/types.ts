import type { FdNumber } from '@nsinit/syscall';

/** A program that is started on the host side, inside the mount namespace of the container's init. */
export interface CommandEntry {
  /** Path of the executable on the host; a name without `/` is looked for in PATH. */
  readonly path: string;
  /** Arguments after the program's name. */
  readonly args?: readonly string[];
  /** Environment as `NAME=value`; undefined: {@link CommandOptions.environment}. */
  readonly env?: readonly string[];
  /** Working directory; undefined: the one of the executor. */
  readonly dir?: string;
}

/** One mount of the container. */
export interface MountEntry {
  /** Absolute path of the host for `bind`; a name that mountinfo shows for the others. */
  readonly source: string;
  /** Path inside the container, or the path of the host below the root file system. Made when it does not exist. */
  readonly destination: string;
  /** `proc`, `sysfs`, `mqueue`, `tmpfs`, `devpts`, `bind` or `cgroup`. */
  readonly device: string;
  /** MS_* flags of mount(2). */
  readonly flags: number;
  /** Options of the file system, separated by commas. */
  readonly data?: string;
  /** SELinux relabelling of the source; refused here. */
  readonly relabel?: string;
  /** Programs that run before the mount is made. */
  readonly premountCmds?: readonly CommandEntry[];
  /** Programs that run after the mount is made. */
  readonly postmountCmds?: readonly CommandEntry[];
  /** Id-mapped mount: made beforehand, see {@link MountTrees}. */
  readonly idmap?: string;
  /** Mappings of an id-mapped mount. */
  readonly uidMappings?: readonly unknown[];
  /** Mappings of an id-mapped mount. */
  readonly gidMappings?: readonly unknown[];
}

/** Detached mounts, open in the process that attaches them: id-mapped ones, which a user namespace cannot make. */
export interface MountTrees {
  /** The root file system. */
  readonly rootfs?: FdNumber | undefined;
  /** Bind mounts, by their entries. */
  readonly mounts: ReadonlyMap<MountEntry, FdNumber>;
}

/** A device node of the container. */
export interface DeviceEntry {
  /** `c` or `u` (character), `b` (block) or `p` (FIFO). */
  readonly type: string;
  /** Path inside the container. */
  readonly path: string;
  readonly major: number;
  readonly minor: number;
  /** Permission bits, others are passed over; undefined: 0o666. */
  readonly fileMode?: number;
  /** Owner inside the container; undefined: 0. */
  readonly uid?: number;
  /** Group inside the container; undefined: 0. */
  readonly gid?: number;
}

/** What of a container's configuration is about its file system. */
export interface RootfsConfig {
  /** Absolute path of the host; no component is a symbolic link. */
  readonly rootfs: string;
  /** Moves the root with MS_MOVE and chroot(2) instead of pivot_root(2). */
  readonly noPivotRoot?: boolean;
  /** Makes the root file system read-only; mounts below it keep their own flags. */
  readonly readonlyFs?: boolean;
  /** Mounts of the host that are made later do not appear in the container. */
  readonly privateFs?: boolean;
  readonly mounts?: readonly MountEntry[];
  readonly devices?: readonly DeviceEntry[];
  /** SELinux label of mounts; give it only where SELinux is enabled: the kernel refuses it elsewhere. */
  readonly mountLabel?: string;
  /** Paths of the container that are hidden. */
  readonly maskPaths?: readonly string[];
  /** Paths of the container that cannot be written. */
  readonly readonlyPaths?: readonly string[];
  /** Values of sysctl(8) by name. */
  readonly systemProperties?: Readonly<Record<string, string>>;
  /** File mode creation mask at the end; undefined: 0o022. */
  readonly umask?: number;
}
