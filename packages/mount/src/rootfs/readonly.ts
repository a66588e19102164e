import type { Cell, FdArg, ProgramBuilder } from '@nsinit/syscall';
import { MountError } from '../error.ts';
import { MountAttribute } from '../options/flags.ts';
import { containerPath, openInRoot } from '../paths/index.ts';
import { attach } from './prepare.ts';
import { setAttributes } from './propagation.ts';

/**
 * Makes paths of the container read-only, with every mount below them: each is covered by a read-only copy of itself.
 * A path that does not exist is left out.
 *
 * @throws {MountError} for `/`, for which there is `readonlyFs`
 */
export function compileReadonlyPaths(
  b: ProgramBuilder,
  paths: readonly string[] | undefined,
  { root }: { readonly root: FdArg },
): void {
  for (const [index, path] of (paths ?? []).entries()) {
    const field = `readonlyPaths[${index}]`;
    if (containerPath(path) === '/')
      throw new MountError('ERR_MOUNT_CONFIG', 'the whole root is made read-only by readonlyFs', field);
    b.because({ what: `make ${path} read-only`, field }, () => {
      const absent = b.label('absent');
      const target = openInRoot(b, root, path, { as: path, on: { ENOENT: absent, ENOTDIR: absent } });
      const flags = ['OPEN_TREE_CLONE', 'OPEN_TREE_CLOEXEC', 'AT_EMPTY_PATH', 'AT_RECURSIVE'] as const;
      const tree = b.call('open_tree', { dirfd: target, path: '', flags }, { as: 'copy' });
      setAttributes(b, tree, { set: MountAttribute.MOUNT_ATTR_RDONLY, recursive: true });
      attach(b, tree, target);
      b.call('close', { fd: tree });
      b.call('close', { fd: target });
      b.place(absent);
    });
  }
}

/** Makes the container's root read-only; mounts below it (/dev, volumes) keep their own flags. */
export function compileReadonlyRoot(b: ProgramBuilder, { root }: { readonly root: Cell<'fd'> }): void {
  b.because({ what: 'make the root file system read-only', field: 'readonlyFs' }, () =>
    setAttributes(b, root, { set: MountAttribute.MOUNT_ATTR_RDONLY }),
  );
}
