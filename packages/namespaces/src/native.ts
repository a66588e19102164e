import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { constant, duplicate, errnos, Fd, hostArch, invoke, syscallError, tryInvoke } from '@nsinit/syscall';

/** Descriptors below this number are left to programs, which want theirs small and in a row. */
const firstOwnDescriptor = 64;

let sealed: Fd | undefined;

/** Where the nsexec binary for the running architecture is installed; bundles may replace it. */
export function nsexecPath(): string {
  return fileURLToPath(new URL(`../bin/nsexec-${hostArch()}`, import.meta.url));
}

/**
 * A sealed copy of nsexec in memory, made once: what a container sees as the executable of its first process can be
 * neither written nor traced back to a file of the host.
 *
 * @param path another executor; by default {@link nsexecPath}.
 * @throws {SyscallError} when the kernel refuses memory files.
 */
export function sealedExecutor(path?: string): Fd {
  if (path !== undefined) return seal(path);
  if (!sealed || sealed.closed) sealed = seal(nsexecPath());
  return sealed;
}

function seal(path: string): Fd {
  const image = readFileSync(path);
  using memory = new Fd(createExecutable());
  invoke('pwrite64', { fd: memory, buf: image, offset: 0 });
  invoke('fcntl', {
    fd: memory,
    op: 'F_ADD_SEALS',
    arg: ['F_SEAL_SEAL', 'F_SEAL_SHRINK', 'F_SEAL_GROW', 'F_SEAL_WRITE'].reduce(
      (sum, name) => sum | constant('seal', name as 'F_SEAL_SEAL'),
      0,
    ),
  });
  return duplicate(memory, firstOwnDescriptor);
}

/** MFD_EXEC says what is meant since Linux 6.3; older kernels refuse the flag and mean it anyway. */
function createExecutable(): number {
  const args = { name: 'nsexec', flags: ['MFD_CLOEXEC', 'MFD_ALLOW_SEALING', 'MFD_EXEC'] } as const;
  const fd = tryInvoke('memfd_create', args);
  if (fd >= 0) return fd;
  if (fd !== -errnos.EINVAL) throw syscallError('memfd_create', args, -fd);
  return invoke('memfd_create', { name: 'nsexec', flags: ['MFD_CLOEXEC', 'MFD_ALLOW_SEALING'] });
}
