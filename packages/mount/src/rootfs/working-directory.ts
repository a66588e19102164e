import type { FdArg, ProgramBuilder } from '@nsinit/syscall';
import { containerPath, openInRoot, openOrCreateDirectory } from '../paths/index.ts';
import { ENOENT } from './errnos.ts';

/** Makes a directory of the container with mode 0755, and what is missing above it: before its root becomes read-only. */
export function compileMakeDirectory(b: ProgramBuilder, path: string, { root }: { readonly root: FdArg }): void {
  if (containerPath(path) === '/') return;
  b.because({ what: `make directory ${path}`, field: 'cwd' }, () => {
    const directory = openOrCreateDirectory(b, root, path);
    b.call('close', { fd: directory });
  });
}

/**
 * Goes to a directory of the container and verifies that it is one: a link such as /proc/self/fd/7 that leads to the host
 * is refused, and so is a place that the process's root does not contain. To be compiled after {@link compilePivot}.
 */
export function compileWorkingDirectory(b: ProgramBuilder, cwd: string, { root }: { readonly root: FdArg }): void {
  b.because({ what: `go to the working directory ${cwd}`, field: 'cwd' }, () => {
    const inside = b.label('inside');
    const directory = openInRoot(b, root, cwd, { directory: true, as: 'cwd' });
    b.call('fchdir', { fd: directory });
    b.call('close', { fd: directory });
    const path = b.zeros(4096, 'path');
    b.call('getcwd', { buf: path });
    // getcwd(2) begins with "(unreachable)" for a place outside of the root.
    b.branch(path.cell(0, 4, 'path[0]'), '==', '/'.charCodeAt(0), inside, { mask: 0xff });
    b.fail({ what: `the working directory ${cwd} is outside of the root file system`, errno: ENOENT });
    b.place(inside);
  });
}
