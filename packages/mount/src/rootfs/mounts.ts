import type { Buf, Cell, FdArg, ProgramBuilder } from '@nsinit/syscall';
import { MountError } from '../error.ts';
import { MountAttribute, MountFlag } from '../options/flags.ts';
import { mountParameters } from '../options/index.ts';
import { checkMountDestination, createDirectory, destinationInRoot, openInRoot } from '../paths/index.ts';
import { compileBind } from './bind.ts';
import { type CgroupView, compileCgroup } from './cgroup.ts';
import { type CommandOptions, compileCommand } from './command.ts';
import { createMount, filesystemOf, kernelLog } from './filesystem.ts';
import { attach } from './prepare.ts';
import { propagationOf, setAttributes } from './propagation.ts';
import type { MountEntry, MountTrees, RootfsConfig } from './types.ts';

/** What {@link compileMounts} works on. */
export interface MountsOptions {
  /** The root of the container, see {@link compilePrepareRoot}. */
  readonly root: FdArg;
  /** What a `cgroup` mount shows; undefined: such a mount is refused. */
  readonly cgroups?: CgroupView | undefined;
  /** Mounts that were made beforehand. */
  readonly trees?: MountTrees;
  /** Wanted when an entry has premount or postmount commands. */
  readonly commands?: CommandOptions;
}

/** What the mounts leave for later steps. */
export interface MountsHandles {
  /** The container's procfs itself, whatever is mounted over its paths; undefined when no usable one is mounted. */
  readonly proc: Cell<'fd'> | undefined;
}

/**
 * Makes the mounts of a container in their order, each with its commands before and after it.
 *
 * @throws {MountError} for an entry that cannot be made, naming `mounts[n]`
 * @throws {MountOptionError} for a `data` text that cannot be split
 */
export function compileMounts(
  b: ProgramBuilder,
  config: Pick<RootfsConfig, 'rootfs' | 'mounts' | 'mountLabel'>,
  options: MountsOptions,
): MountsHandles {
  const log = kernelLog(b);
  let proc: Cell<'fd'> | undefined;
  for (const [index, entry] of (config.mounts ?? []).entries()) {
    const field = `mounts[${index}]`;
    const tree = options.trees?.mounts.get(entry);
    checkEntry(config.rootfs, entry, field, tree !== undefined);
    const path = destinationInRoot(config.rootfs, entry.destination);
    compileCommands(b, entry, 'premountCmds', field, options.commands);
    b.because({ what: `mount ${entry.device === 'bind' ? entry.source : entry.device} on ${path}`, field }, () => {
      if (entry.device === 'bind') compileBind(b, options.root, entry, path, field, tree);
      else if (entry.device === 'cgroup')
        compileCgroup(b, { ...options, log, field, label: config.mountLabel }, entry, path);
      else {
        const mount = mountFilesystem(b, options.root, entry, path, { field, log, label: config.mountLabel });
        if (proc === undefined && isUsableProc(entry)) proc = mount;
        else b.call('close', { fd: mount });
      }
    });
    compileCommands(b, entry, 'postmountCmds', field, options.commands);
  }
  return { proc };
}

const filesystems: ReadonlySet<string> = new Set(['proc', 'sysfs', 'mqueue', 'tmpfs', 'devpts']);

function checkEntry(rootfs: string, entry: MountEntry, field: string, made: boolean): void {
  const refuse = (message: string): never => {
    throw new MountError('ERR_MOUNT_CONFIG', message, field);
  };
  if (entry.device !== 'bind' && entry.device !== 'cgroup' && !filesystems.has(entry.device))
    refuse(`unknown mount device ${JSON.stringify(entry.device)} to ${JSON.stringify(entry.destination)}`);
  if (entry.relabel) refuse(`relabel ${JSON.stringify(entry.relabel)} is not supported; label the source beforehand`);
  if (!made && (entry.idmap || entry.uidMappings || entry.gidMappings))
    refuse('an id-mapped mount has to be made beforehand, by whoever has privileges over its file system');
  if (entry.flags & (MountFlag.MS_REMOUNT | MountFlag.MS_MOVE))
    refuse('MS_REMOUNT and MS_MOVE change mounts; an entry makes one: give it the flags that it shall have');
  // The host's own procfs, where the container shares its processes.
  const proc = entry.device === 'bind' && entry.source === '/proc';
  checkMountDestination(rootfs, entry.destination, proc ? 'proc' : entry.device, field);
}

function compileCommands(
  b: ProgramBuilder,
  entry: MountEntry,
  list: 'premountCmds' | 'postmountCmds',
  field: string,
  options: CommandOptions | undefined,
): void {
  for (const [index, command] of (entry[list] ?? []).entries()) {
    const place = `${field}.${list}[${index}]`;
    if (!options) throw new MountError('ERR_MOUNT_CONFIG', 'commands cannot be run here', place);
    compileCommand(b, command, { ...options, field: place });
  }
}

/** A procfs for sysctls and process attributes has everything in it and can be written. */
function isUsableProc(entry: MountEntry): boolean {
  if (entry.device !== 'proc' || entry.flags & MountFlag.MS_RDONLY) return false;
  return !mountParameters(entry.data ?? '').some(({ name }) => name === 'subset');
}

interface FilesystemOptions {
  readonly field: string;
  readonly log: Buf;
  readonly label: string | undefined;
}

function mountFilesystem(
  b: ProgramBuilder,
  root: FdArg,
  entry: MountEntry,
  path: string,
  { field, log, label }: FilesystemOptions,
): Cell<'fd'> {
  const filesystem = filesystemOf(entry, label);
  const keepsMode = entry.device === 'tmpfs' && !filesystem.parameters.some(({ name }) => name === 'mode');
  // Behind a symbolic link the kernel's own files would be somewhere else than masks and read-only paths look for them.
  const noSymlinks = entry.device === 'proc' || entry.device === 'sysfs';
  const { target, mode } = openMountpoint(b, root, path, { noSymlinks, keepsMode });
  // A read-only tmpfs has to get its mode first.
  const late = mode === undefined ? 0 : filesystem.attributes & MountAttribute.MOUNT_ATTR_RDONLY;
  const mount = createMount(b, { ...filesystem, attributes: filesystem.attributes & ~late }, log);
  if (mode !== undefined) {
    const fresh = b.label('fresh');
    b.branch(mode, '==', 0, fresh);
    b.call('fchmodat', { dirfd: mount, pathname: '.', mode });
    b.place(fresh);
  }
  const recursive = (entry.flags & MountFlag.MS_REC) !== 0;
  setAttributes(b, mount, { set: late, propagation: propagationOf(entry.flags, field), recursive });
  attach(b, mount, target);
  b.call('close', { fd: target });
  if (entry.device === 'mqueue' && label) labelRoot(b, mount, label);
  return mount;
}

/** Opens or makes the directory; `mode` is that of a directory which was there before, 0 for a new one. */
function openMountpoint(
  b: ProgramBuilder,
  root: FdArg,
  path: string,
  { noSymlinks, keepsMode }: { readonly noSymlinks: boolean; readonly keepsMode: boolean },
): { readonly target: Cell<'fd'>; readonly mode: Cell<'int'> | undefined } {
  const target = b.variable<'fd'>(path);
  const missing = b.label('missing');
  const found = b.label('found');
  const ready = b.label('ready');
  const open = { directory: true, noSymlinks, into: target, on: { ENOENT: missing } } as const;
  if (!keepsMode) {
    openInRoot(b, root, path, { ...open, next: ready });
    b.place(missing);
    createDirectory(b, root, path, { noSymlinks, into: target });
    b.place(ready);
    return { target, mode: undefined };
  }
  const statxbuf = b.out('statx');
  openInRoot(b, root, path, { ...open, next: found });
  b.place(missing);
  createDirectory(b, root, path, { noSymlinks, into: target });
  b.jump(ready);
  b.place(found);
  b.call('statx', { dirfd: target, pathname: '', flags: ['AT_EMPTY_PATH'], mask: ['STATX_MODE'], statxbuf });
  b.place(ready);
  return { target, mode: statxbuf.field('statx', 'stx_mode') };
}

function labelRoot(b: ProgramBuilder, mount: Cell<'fd'>, label: string): void {
  const directory = b.call('openat', {
    dirfd: mount,
    pathname: '.',
    flags: ['O_RDONLY', 'O_DIRECTORY', 'O_CLOEXEC'],
  });
  b.call('fsetxattr', { fd: directory, name: 'security.selinux', value: b.string(label) });
  b.call('close', { fd: directory });
}
