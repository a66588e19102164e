/**
 * How mount and unmount events travel to and from one mount, see mount_namespaces(7). All fields absent (and
 * `unbindable` false) is a private mount.
 */
export interface Propagation {
  /** Peer group that the mount shares events with (`shared:N`); undefined when the mount is not shared. */
  readonly shared?: number;
  /** Peer group that the mount receives events from (`master:N`); undefined when the mount is no slave. */
  readonly master?: number;
  /**
   * Nearest dominant peer group under the reading process's root (`propagate_from:N`). The kernel shows it only beside
   * `master`, when the master itself cannot be reached from that root.
   */
  readonly propagateFrom?: number;
  /** True when the mount is private and may not be bind mounted either (`unbindable`). */
  readonly unbindable: boolean;
  /** Tags that this parser does not know, as they stand. proc_pid_mountinfo(5) asks readers to ignore them. */
  readonly unknown: readonly string[];
}

/** One line of /proc/<pid>/mountinfo, see proc_pid_mountinfo(5). All names are decoded, no octal escape is left. */
export interface MountinfoEntry {
  /** Mount id (1): unique among the mounts that exist now, reused by the kernel after umount(2). */
  readonly id: number;
  /**
   * Id of the mount that this one is mounted on (2). It may be absent from the list (it lies outside of the reading
   * process's root) and it may be the mount's own id (the root of the initial mount tree).
   */
  readonly parentId: number;
  /** Major number of `st_dev` for files here (3); 0 for file systems without a block device. */
  readonly major: number;
  /** Minor number of `st_dev` for files here (3). */
  readonly minor: number;
  /**
   * Which path inside the file system is the root of this mount (4). `/` for a whole file system; a directory or file
   * for a bind mount; `net:[4026532178]` for a bound namespace; with `//deleted` at its end when the directory
   * was removed; `/..` components for a cgroup outside of the reader's cgroup namespace.
   */
  readonly root: string;
  /** Where it is mounted (5), relative to the reading process's root. */
  readonly mountPoint: string;
  /** Options of this mount alone (6), such as `['rw', 'nosuid', 'relatime']`. The first one is `ro` or `rw`. */
  readonly mountOptions: readonly string[];
  /** How mount events travel (7). */
  readonly propagation: Propagation;
  /** File system type (9), with its subtype for FUSE: `fuse.sshfs`. */
  readonly fsType: string;
  /** Source (10): a device, a share, or any text that mount(2) got; empty when it got an empty one, often `none`. */
  readonly source: string;
  /**
   * Options of the file system, shared by all its mounts (11), such as `['rw', 'size=1024k']`. Split at commas; a comma
   * inside of a value (escaped by the kernel, or in a quoted SELinux context) does not split.
   */
  readonly superOptions: readonly string[];
}
