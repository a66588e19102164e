import { fstatSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import type { FdNumber } from '@nsinit/syscall';
import { ContainerError } from '../errors.ts';

/**
 * What criu calls a descriptor that leads out of a container: an end of a pipe or a socket, or a file or a terminal that
 * is in none of the container's file systems. null for one that is the container's own.
 *
 * @param mounts ids of the mounts of the container.
 */
export function externalKey(pid: number, fd: number, mounts: ReadonlySet<number>): string | null {
  const path = `/proc/${pid}/fd/${fd}`;
  let link: string;
  try {
    link = readlinkSync(path);
  } catch (error) {
    // It is closed.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
  if (/^(pipe|socket):\[\d+\]$/.test(link)) return link;
  const mount = /^mnt_id:\s*(\d+)/m.exec(readFileSync(`/proc/${pid}/fdinfo/${fd}`, 'utf8'))?.[1];
  if (mount === undefined || mounts.has(Number(mount))) return null;
  const stat = statSync(path, { bigint: true });
  if (isTerminal(stat.rdev)) return `tty[${stat.rdev.toString(16)}:${stat.dev.toString(16)}]`;
  return `file[${Number(mount).toString(16)}:${stat.ino.toString(16)}]`;
}

/** What a dump has to be told of a key: pipes it finds out by itself. */
export function externalsOf(keys: readonly (string | null)[]): readonly string[] {
  return [...new Set(keys)].flatMap((key) => {
    if (key === null || key.startsWith('pipe:')) return [];
    const socket = /^socket:\[(\d+)\]$/.exec(key)?.[1];
    return [socket === undefined ? key : `unix[${socket}]`];
  });
}

/**
 * What a restore hands over in their places; of two descriptors of one file the first counts.
 *
 * A file has a second name, which is the first one as a path without what criu takes for its slash: by that it is
 * taken as it is. By the first one criu would open it once more, and have it be the same file, with the same size.
 */
export function inheritedOf(
  keys: readonly (string | null)[],
  fds: readonly FdNumber[],
): readonly { readonly key: string; readonly fd: FdNumber }[] {
  const found = new Map<string, FdNumber>();
  for (const [index, key] of keys.entries()) if (key !== null && !found.has(key)) found.set(key, fds[index]!);
  return [...found].flatMap(([key, fd]) =>
    key.startsWith('file[')
      ? [
          { key: key.slice(1), fd },
          { key, fd },
        ]
      : [{ key, fd }],
  );
}

/**
 * criu opens the end of a pipe once more, which a socket does not allow.
 *
 * @throws {ContainerError} ConfigInvalid for a socket in the place of a pipe.
 */
export function checkStreams(inherited: readonly { readonly key: string; readonly fd: FdNumber }[]): void {
  if (!inherited.some(({ key, fd: { fd } }) => key.startsWith('pipe:') && fstatSync(fd).isSocket())) return;
  throw new ContainerError(
    'ConfigInvalid',
    'a socket cannot take the place of a pipe that the checkpointed process had',
    {
      step: 'restore',
      hint: 'give the process a pipe, a file or a stream',
    },
  );
}

/** Of pseudo terminals the majors 136 to 143, of virtual consoles and serial lines 4. devices.txt of the kernel */
function isTerminal(rdev: bigint): boolean {
  const major = Number((rdev >> 8n) & 0xfffn);
  return major === 4 || (major >= 136 && major <= 143);
}
