import type { Cell, ProgramBuilder } from '@nsinit/syscall';
import type { CgroupView } from './cgroup.ts';
import type { CommandOptions } from './command.ts';
import { type ConsoleOptions, compileConsole } from './console.ts';
import { compileDevLinks } from './dev-links.ts';
import { compileDevices, ownsDev } from './devices.ts';
import { compileMaskPaths } from './mask.ts';
import { compileMounts } from './mounts.ts';
import { compileReopenNull } from './null-device.ts';
import { compilePivot } from './pivot.ts';
import { compilePrepareRoot } from './prepare.ts';
import { compileReadonlyPaths, compileReadonlyRoot } from './readonly.ts';
import { compileSysctls } from './sysctl.ts';
import type { MountTrees, RootfsConfig } from './types.ts';
import { compileMakeDirectory } from './working-directory.ts';

/** What {@link compileRootfs} works on. */
export interface RootfsOptions {
  readonly config: RootfsConfig;
  /** Whether init runs in a user namespace: device nodes of the host are bound instead of made. */
  readonly userNamespace: boolean;
  /** What a `cgroup` mount shows; undefined: such a mount is refused. */
  readonly cgroups?: CgroupView | undefined;
  /** Wanted when a mount has premount or postmount commands. */
  readonly commands?: CommandOptions;
  /** Those of 0, 1 and 2 that are the host's /dev/null. */
  readonly nullStdio?: readonly number[];
  /** The container gets a terminal; undefined: none. */
  readonly console?: Omit<ConsoleOptions, 'root'>;
  /** Detached mounts that were made beforehand, as only the host can make them; undefined: there are none. */
  readonly trees?: MountTrees;
  /** Working directory of the process: made here when it does not exist. */
  readonly cwd?: string;
  /** Whether the host has /proc/kcore. */
  readonly kcore?: boolean;
  /** For `noPivotRoot`, see {@link PivotOptions}. */
  readonly hostMounts?: readonly string[];
}

/** What the file system leaves for later steps; all close on execve. */
export interface RootfsHandles {
  /** The root of the container. */
  readonly root: Cell<'fd'>;
  /** The container's own procfs; undefined when its configuration mounts no usable one. */
  readonly proc: Cell<'fd'> | undefined;
}

/**
 * Writes all steps by which init makes the container's file system and moves into it. They run in a mount namespace of the
 * container's own. The umask is the container's at the end, and the working directory `/`.
 *
 * Each step is exported by itself too, for callers who have others to put between.
 *
 * @throws {MountError} for a configuration from which no steps can be made
 */
export function compileRootfs(b: ProgramBuilder, options: RootfsOptions): RootfsHandles {
  const { config } = options;
  const root = compilePrepareRoot(b, config, options.trees?.rootfs);
  const { proc } = compileMounts(b, config, { ...options, root });
  if (ownsDev(config.mounts)) {
    compileDevices(b, config.devices, { ...options, root });
    compileDevLinks(b, { ...options, root });
  }
  if (options.cwd !== undefined) compileMakeDirectory(b, options.cwd, { root });
  if (options.console) compileConsole(b, { ...options.console, root });
  compileSysctls(b, config.systemProperties, { proc });
  compileReadonlyPaths(b, config.readonlyPaths, { root });
  compileMaskPaths(b, config.maskPaths, { root });
  compilePivot(b, { ...options, root, noPivotRoot: config.noPivotRoot ?? false });
  compileReopenNull(b, options.nullStdio ?? [], { root });
  if (config.readonlyFs) compileReadonlyRoot(b, { root });
  compileUmask(b, config.umask);
  return { root, proc };
}

/** Sets the umask of the container's process; undefined: 022. */
export function compileUmask(b: ProgramBuilder, umask = 0o022): void {
  b.call('umask', { mask: umask }, { what: 'set the file mode creation mask', field: 'umask' });
}
