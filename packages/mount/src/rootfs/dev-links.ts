import type { FdArg, ProgramBuilder } from '@nsinit/syscall';
import { openOrCreateDirectory } from '../paths/index.ts';

const links: readonly (readonly [string, string])[] = [
  ['/proc/self/fd', 'fd'],
  ['/proc/self/fd/0', 'stdin'],
  ['/proc/self/fd/1', 'stdout'],
  ['/proc/self/fd/2', 'stderr'],
];

/** What {@link compileDevLinks} works on. */
export interface DevLinksOptions {
  readonly root: FdArg;
  /** Whether the host has /proc/kcore, and so /dev/core is linked to it; undefined: no. */
  readonly kcore?: boolean;
}

/**
 * Makes the symbolic links of /dev: `ptmx` to the container's own devpts (whatever was there before is replaced), `fd`,
 * `stdin`, `stdout`, `stderr` and `core` (what is there already stays).
 */
export function compileDevLinks(b: ProgramBuilder, { root, kcore = false }: DevLinksOptions): void {
  b.because({ what: 'make the symbolic links of /dev' }, () => {
    const dev = openOrCreateDirectory(b, root, '/dev', { as: 'dev' });
    const exists = b.label('exists');
    const linked = b.label('linked');
    const ptmx = { target: 'pts/ptmx', newdirfd: dev, linkpath: 'ptmx' } as const;
    b.call('symlinkat', ptmx, { on: { EEXIST: exists }, next: linked });
    b.place(exists);
    b.call('unlinkat', { dirfd: dev, pathname: 'ptmx', flags: [] });
    b.call('symlinkat', ptmx);
    b.place(linked);
    for (const [target, linkpath] of kcore ? [...links, ['/proc/kcore', 'core'] as const] : links)
      b.call('symlinkat', { target, newdirfd: dev, linkpath }, { on: { EEXIST: 'ignore' } });
    b.call('close', { fd: dev });
  });
}
