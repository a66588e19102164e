import type { Cell, ConstantName, ErrorActions, FdArg, Label, ProgramBuilder } from '@nsinit/syscall';

/** How {@link openInRoot} opens. */
export interface OpenInRoot {
  /** Fails with ENOTDIR for anything but a directory. */
  readonly directory?: boolean;
  /** Fails with ELOOP when any component is a symbolic link; otherwise links are followed inside of the root. */
  readonly noSymlinks?: boolean;
  /** How it is opened; undefined: O_PATH, a place and no more. O_CLOEXEC is always added. */
  readonly flags?: readonly ConstantName<'open'>[];
  readonly on?: ErrorActions;
  readonly next?: Label;
  readonly into?: Cell<'fd'>;
  readonly as?: string;
  readonly what?: string;
}

/**
 * Opens a path of the container. Every component is resolved by the kernel as if `root` were `/`: `..` and symbolic links,
 * absolute ones too, end inside of it whatever somebody else renames meanwhile, and links of procfs that lead to
 * other places are refused (openat2(2), RESOLVE_IN_ROOT and RESOLVE_NO_MAGICLINKS).
 */
export function openInRoot(b: ProgramBuilder, root: FdArg, path: string, options: OpenInRoot = {}): Cell<'fd'> {
  const flags: ConstantName<'open'>[] = [...(options.flags ?? (['O_PATH'] as const)), 'O_CLOEXEC'];
  if (options.directory) flags.push('O_DIRECTORY');
  const resolve: ConstantName<'resolve'>[] = ['RESOLVE_IN_ROOT', 'RESOLVE_NO_MAGICLINKS'];
  if (options.noSymlinks) resolve.push('RESOLVE_NO_SYMLINKS');
  return b.call(
    'openat2',
    { dirfd: root, pathname: path, how: { flags, resolve } },
    // EAGAIN: a rename happened while the kernel checked `..`.
    { ...callOptions(options), on: { EAGAIN: 'retry', ...options.on } },
  );
}

/** How {@link openEntry} opens. */
export interface OpenEntry extends Omit<OpenInRoot, 'noSymlinks'> {
  /** Permission bits of a file that O_CREAT makes. */
  readonly mode?: number;
}

/** Opens one entry of a directory; an entry that is a symbolic link is refused with ELOOP. */
export function openEntry(b: ProgramBuilder, dir: FdArg, name: string, options: OpenEntry = {}): Cell<'fd'> {
  const flags: ConstantName<'open'>[] = [...(options.flags ?? (['O_PATH'] as const)), 'O_CLOEXEC'];
  if (options.directory) flags.push('O_DIRECTORY');
  const how = { flags, resolve: ['RESOLVE_BENEATH', 'RESOLVE_NO_SYMLINKS'] } as const;
  return b.call(
    'openat2',
    { dirfd: dir, pathname: name, how: options.mode === undefined ? how : { ...how, mode: options.mode } },
    { ...callOptions(options), on: { EAGAIN: 'retry', ...options.on } },
  );
}

function callOptions({ next, into, as, what }: OpenInRoot) {
  return {
    ...(next === undefined ? {} : { next }),
    ...(into === undefined ? {} : { into }),
    ...(as === undefined ? {} : { as }),
    ...(what === undefined ? {} : { what }),
  };
}
