import {
  AT_FDCWD,
  type Cell,
  constant,
  type FdArg,
  type FdNumber,
  type Label,
  type ProgramBuilder,
} from '@nsinit/syscall';
import { MountError } from '../error.ts';
import { MountFlag } from '../options/flags.ts';
import { toMountAttributes } from '../options/index.ts';
import { createDirectory, createFile, openInRoot } from '../paths/index.ts';
import { EISDIR, ENOTDIR } from './errnos.ts';
import { attach, duplicate } from './prepare.ts';
import { propagationOf, setAttributes } from './propagation.ts';
import type { MountEntry } from './types.ts';

const typeMask = 0o170000;

/**
 * Makes a directory or file of the host visible in the container. With MS_REC its submounts come along. Flags are those of
 * the mount itself, as mount(2) treats them: submounts of a read-only MS_REC bind can still be written. What
 * the source's mount forbids (nosuid, nodev, noexec, read-only) stays forbidden. A propagation type goes to the submounts too
 * with MS_REC.
 *
 * @param given the mount when it was made beforehand; undefined: it is made here.
 * @throws {MountError} for a relative source
 */
export function compileBind(
  b: ProgramBuilder,
  root: FdArg,
  entry: MountEntry,
  path: string,
  field: string,
  given?: FdNumber,
): void {
  if (!entry.source.startsWith('/'))
    throw new MountError('ERR_MOUNT_CONFIG', `source ${JSON.stringify(entry.source)} is not an absolute path`, field);
  const recursive = (entry.flags & MountFlag.MS_REC) !== 0;
  const propagation = propagationOf(entry.flags, field);
  const flags = ['OPEN_TREE_CLONE', 'OPEN_TREE_CLOEXEC', ...(recursive ? (['AT_RECURSIVE'] as const) : [])] as const;
  const tree = given
    ? duplicate(b, given, 'source')
    : b.call('open_tree', { dirfd: AT_FDCWD, path: entry.source, flags }, { as: 'source' });
  const target = openTarget(b, root, tree, path, entry.source);
  setAttributes(b, tree, { ...toMountAttributes(entry.flags), propagation: recursive ? undefined : propagation });
  if (recursive) setAttributes(b, tree, { propagation, recursive });
  attach(b, tree, target);
  b.call('close', { fd: target });
  b.call('close', { fd: tree });
}

/** Opens the place for a mount, or makes it: a directory for a directory, an empty file for anything else. */
export function openTarget(b: ProgramBuilder, root: FdArg, tree: Cell<'fd'>, path: string, source: string): Cell<'fd'> {
  const target = b.variable<'fd'>(path);
  const directory = b.label('directory');
  const ready = b.label('ready');
  const type = typeOf(b, tree);
  b.branch(type, '==', constant('file_type', 'S_IFDIR'), directory, { mask: typeMask });
  fileTarget(b, root, path, target, source, ready);
  b.place(directory);
  directoryTarget(b, root, path, target, source, ready);
  b.place(ready);
  return target;
}

function typeOf(b: ProgramBuilder, fd: Cell<'fd'>): Cell<'int'> {
  const statxbuf = b.out('statx');
  b.call('statx', { dirfd: fd, pathname: '', flags: ['AT_EMPTY_PATH'], mask: ['STATX_TYPE'], statxbuf });
  return statxbuf.field('statx', 'stx_mode');
}

function fileTarget(
  b: ProgramBuilder,
  root: FdArg,
  path: string,
  target: Cell<'fd'>,
  source: string,
  ready: Label,
): void {
  const missing = b.label('missing');
  openInRoot(b, root, path, { into: target, on: { ENOENT: missing } });
  b.branch(typeOf(b, target), '!=', constant('file_type', 'S_IFDIR'), ready, { mask: typeMask });
  b.fail({ what: `${source} is a file, but ${path} is a directory`, errno: EISDIR });
  b.place(missing);
  createFile(b, root, path, { into: target });
  b.jump(ready);
}

function directoryTarget(
  b: ProgramBuilder,
  root: FdArg,
  path: string,
  target: Cell<'fd'>,
  source: string,
  ready: Label,
): void {
  const missing = b.label('missing');
  const file = b.label('file');
  openInRoot(b, root, path, {
    directory: true,
    into: target,
    on: { ENOENT: missing, ENOTDIR: file },
    next: ready,
  });
  b.place(file);
  b.fail({ what: `${source} is a directory, but ${path} or a part of it is not`, errno: ENOTDIR });
  b.place(missing);
  createDirectory(b, root, path, { into: target });
}
