import type { Cell, FdArg, ProgramBuilder } from '@nsinit/syscall';
import { pathComponents } from './container-path.ts';
import { openEntry, openInRoot } from './open-in-root.ts';

/** How directories are made and opened. */
export interface CreateOptions {
  /** Fails with ELOOP when a component is a symbolic link. */
  readonly noSymlinks?: boolean;
  /** Where the descriptor goes. */
  readonly into: Cell<'fd'>;
}

const directoryMode = 0o755;
const fileMode = 0o755;

/**
 * Opens a directory of the container as O_PATH, and makes what is missing of its path with mode 0755 (the umask is the
 * program's business).
 */
export function openOrCreateDirectory(
  b: ProgramBuilder,
  root: FdArg,
  path: string,
  options: { readonly noSymlinks?: boolean; readonly as?: string } = {},
): Cell<'fd'> {
  if (pathComponents(path).length === 0) return openInRoot(b, root, '/', { ...options, directory: true });
  const into = b.variable<'fd'>(options.as ?? path);
  const missing = b.label('missing');
  const there = b.label('there');
  openInRoot(b, root, path, { ...options, directory: true, into, on: { ENOENT: missing }, next: there });
  b.place(missing);
  createDirectory(b, root, path, { ...options, into });
  b.place(there);
  return into;
}

/**
 * Makes a directory of the container and what is missing above it, one component at a time and each by the
 * descriptor of its parent, and opens it. A component that appears meanwhile is used when it is a directory.
 */
export function createDirectory(b: ProgramBuilder, root: FdArg, path: string, options: CreateOptions): void {
  const { parent, name } = createParents(b, root, path, options);
  b.call('mkdirat', { dirfd: parent, pathname: name, mode: directoryMode }, { on: { EEXIST: 'ignore' } });
  openEntry(b, parent, name, { directory: true, into: options.into });
}

/** Makes an empty file of the container and what is missing above it, and opens it. An existing entry is EEXIST. */
export function createFile(b: ProgramBuilder, root: FdArg, path: string, options: CreateOptions): void {
  const { parent, name } = createParents(b, root, path, options);
  openEntry(b, parent, name, {
    flags: ['O_RDONLY', 'O_CREAT', 'O_EXCL', 'O_NOFOLLOW'],
    mode: fileMode,
    into: options.into,
  });
}

function createParents(
  b: ProgramBuilder,
  root: FdArg,
  path: string,
  { noSymlinks = false }: CreateOptions,
): { readonly parent: FdArg; readonly name: string } {
  const parts = pathComponents(path);
  const name = parts.pop();
  if (name === undefined) throw new RangeError('/ exists always');
  let parent = root;
  for (const [index, part] of parts.entries()) {
    const prefix = `/${parts.slice(0, index + 1).join('/')}`;
    const dir = b.variable<'fd'>(prefix);
    const missing = b.label('missing');
    const there = b.label('there');
    openInRoot(b, root, prefix, { directory: true, noSymlinks, into: dir, on: { ENOENT: missing }, next: there });
    b.place(missing);
    b.call('mkdirat', { dirfd: parent, pathname: part, mode: directoryMode }, { on: { EEXIST: 'ignore' } });
    openEntry(b, parent, part, { directory: true, into: dir });
    b.place(there);
    parent = dir;
  }
  return { parent, name };
}
