import type { IdMap } from './id-map.ts';

/** A program that the runtime starts on the host side, inside the mount namespace of the container's init. */
export interface Command {
  /** Path of the executable on the host. */
  readonly path: string;
  /** Arguments after the program's name. */
  readonly args?: readonly string[];
  /** Environment as `NAME=value`; undefined: the environment of the runtime. */
  readonly env?: readonly string[];
  /** Working directory; undefined: the one of the runtime. */
  readonly dir?: string;
}

/** What a mount can be made of. `bind` takes {@link Mount.source} from the host; `cgroup` shows the own cgroups. */
export const MOUNT_DEVICES = ['proc', 'sysfs', 'mqueue', 'tmpfs', 'devpts', 'bind', 'cgroup'] as const;

/** One of {@link MOUNT_DEVICES}. */
export type MountDevice = (typeof MOUNT_DEVICES)[number];

/** One mount inside the container, in the order of the list. */
export interface Mount {
  /** Absolute host path for `bind`; a free name, shown in mountinfo, for the other devices. */
  readonly source: string;
  /** Absolute path inside the container. It is created when it does not exist. */
  readonly destination: string;
  /** One of {@link MOUNT_DEVICES}, or another file system type of mount(2), which validation names as unknown. */
  readonly device: string;
  /** `MS_*` bits of mount(2), see `MOUNT_FLAGS`. */
  readonly flags: number;
  /**
   * Options of the file system, separated by commas (`mode=755,size=65536k`). Of `cgroup`: `rw` for a mount that can be
   * written, else it is read-only.
   */
  readonly data?: string;
  /** SELinux relabelling of the source: `z` shared between containers, `Z` for this one alone. */
  readonly relabel?: 'z' | 'Z';
  /** Programs run before the mount is made, in order. A failing one ends the start. */
  readonly premountCmds?: readonly Command[];
  /** Programs run after the mount is made, in order. A failing one ends the start. */
  readonly postmountCmds?: readonly Command[];
  /**
   * Id-mapped bind mount (kernel 5.12), by these mappings or else those of the container's user namespace: `idmap` this mount
   * alone, `ridmap` those below it too. undefined: `idmap` when there are mappings.
   */
  readonly idmap?: 'idmap' | 'ridmap';
  /** Id-mapped mount (kernel 5.12): user ids of the source's file system as `containerId`, shown as `hostId`. */
  readonly uidMappings?: readonly IdMap[];
  /** As {@link Mount.uidMappings}, for groups. Both are given or neither. */
  readonly gidMappings?: readonly IdMap[];
}
