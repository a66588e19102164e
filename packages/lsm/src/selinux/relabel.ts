import { readdirSync, realpathSync } from 'node:fs';
import { AT_FDCWD, Fd, invoke, SyscallError, tryInvoke } from '@nsinit/syscall';
import { LsmError } from '../error.ts';
import { formatContext, parseContext } from './context.ts';
import { labelAttribute, type SelinuxFiles } from './files.ts';

/** Directories that belong to the machine itself. What is below them may be relabelled, but for `/usr`. */
const systemDirectories: ReadonlySet<string> = new Set(
  '/ /bin /boot /dev /etc /home /lib /lib32 /lib64 /libx32 /opt /proc /root /run /sbin /srv /sys /tmp /usr /var'.split(
    ' ',
  ),
);

/** The label of a file, of a symbolic link itself; undefined when it has none. lgetxattr(2) */
export function fileLabel(path: string, files: SelinuxFiles = {}): string | undefined {
  const value = new Uint8Array(4096);
  const size = tryInvoke('lgetxattr', { path, name: labelAttribute(files), value });
  if (size === -61) return undefined;
  if (size < 0) throw failed(path, 'read the label', new SyscallError('lgetxattr', -size, [path]));
  return Buffer.from(value.subarray(0, size)).toString().replace(/\0+$/, '');
}

/**
 * Sets the label of a file, of a symbolic link itself. lsetxattr(2)
 *
 * @throws {LsmError} when the policy has not this label, or the file system holds none.
 */
export function setFileLabel(path: string, label: string, files: SelinuxFiles = {}): void {
  parseContext(label);
  setLabel(path, path, label, labelAttribute(files));
}

/**
 * Gives a file, or a directory with everything in it, the label of a container: `z` shares it with all containers (level s0), `Z`
 * keeps it for the one with this label. Another text, and an empty label, do nothing.
 *
 * Nothing is followed: a symbolic link gets the label itself, and one that replaces a directory meanwhile leads nowhere.
 *
 * @throws {LsmError} for both at once, for directories of the machine itself, and when a label cannot be set.
 */
export async function relabel(path: string, label: string, relabels: string, files: SelinuxFiles = {}): Promise<void> {
  const shared = relabels.includes('z');
  if (label === '' || (!shared && !relabels.includes('Z'))) return;
  const real = realPath(path);
  if (systemDirectories.has(real)) throw new LsmError(`Relabeling of ${path} is not allowed`, { subject: real });
  if (shared && relabels.includes('Z'))
    throw new LsmError('Bad SELinux option z and Z can not be used together', { subject: relabels });
  if (real.startsWith('/usr/')) throw new LsmError('Relabeling content in /usr is not allowed.', { subject: real });
  const context = parseContext(label);
  const wanted = shared && context.level !== undefined ? formatContext({ ...context, level: 's0' }) : label;
  using parent = openDirectory(AT_FDCWD, real.replace(/[^/]*$/, ''));
  await relabelEntry(parent, real.replace(/^.*\//, ''), real, wanted, labelAttribute(files));
}

async function relabelEntry(parent: Fd, name: string, shown: string, label: string, attribute: string): Promise<void> {
  // The directory is held open, and the last name is not followed: nobody can put another file in its place.
  setLabel(`/proc/self/fd/${parent.fd}/${name}`, shown, label, attribute);
  const flags = ['O_RDONLY', 'O_DIRECTORY', 'O_NOFOLLOW', 'O_CLOEXEC'] as const;
  const result = tryInvoke('openat', { dirfd: parent, pathname: name, flags });
  if (result === -20 || result === -40) return;
  if (result < 0) throw failed(shown, 'open the directory', new SyscallError('openat', -result, [shown]));
  using directory = new Fd(result);
  // A tree may be large: others have their turn after each directory.
  await new Promise((resolve) => setImmediate(resolve));
  for (const entry of readdirSync(`/proc/self/fd/${directory.fd}`))
    await relabelEntry(directory, entry, `${shown}/${entry}`, label, attribute);
}

function setLabel(path: string, shown: string, label: string, name: string): void {
  try {
    invoke('lsetxattr', { path, name, value: Buffer.from(label) });
  } catch (cause) {
    throw failed(shown, `set the label ${label}`, cause);
  }
}

function openDirectory(dirfd: { readonly fd: number }, pathname: string): Fd {
  return new Fd(invoke('openat', { dirfd, pathname, flags: ['O_RDONLY', 'O_DIRECTORY', 'O_CLOEXEC'] }));
}

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch (cause) {
    throw failed(path, 'find it', cause);
  }
}

function failed(path: string, what: string, cause: unknown): LsmError {
  return new LsmError(`${path}: cannot ${what}: ${(cause as Error).message}`, { subject: path, cause });
}
