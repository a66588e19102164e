import { closeSync, mkdirSync, openSync, readdirSync, readFileSync, unlinkSync } from 'node:fs';
import { invoke, SyscallError } from '@nsinit/syscall';
import { NetlinkError, NetlinkInputError } from '../errors.ts';
import { newNamespaceFile } from './enter.ts';

/** Where `ip netns` keeps namespaces: files that namespaces are bind-mounted on. ip-netns(8) */
const DIR = '/run/netns';

/**
 * The file of a name.
 *
 * @throws {NetlinkInputError} for a name that would be another file.
 */
export function namedPath(name: string): string {
  if (name === '' || name === '.' || name === '..' || name.includes('/') || name.includes('\0') || name.length > 255)
    throw new NetlinkInputError('name', `${JSON.stringify(name)} cannot name a network namespace`);
  return `${DIR}/${name}`;
}

/** The names that are given, by this library or by `ip netns add`, in alphabetical order. */
export function listNamespaces(): readonly string[] {
  try {
    return readdirSync(DIR).sort();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

function isMountPoint(path: string): boolean {
  return readFileSync('/proc/thread-self/mountinfo', 'utf8')
    .split('\n')
    .some((line) => line.split(' ')[4] === path);
}

/**
 * Makes the directory a shared mount of its own, as `ip netns add` does: then a namespace that is deleted in one mount
 * namespace disappears in those that were split off later, too, instead of being kept alive there.
 */
function prepareDirectory(): void {
  mkdirSync(DIR, { recursive: true, mode: 0o755 });
  if (!isMountPoint(DIR)) mount(DIR, ['MS_BIND', 'MS_REC']);
  mount(null, ['MS_SHARED', 'MS_REC']);
}

function mount(source: string | null, flags: readonly ('MS_BIND' | 'MS_REC' | 'MS_SHARED')[]): void {
  invoke('mount', { source, target: DIR, filesystemtype: null, mountflags: flags, data: null });
}

/**
 * Creates a network namespace with a name, which `ip netns` knows too; `ip -n NAME` reaches it. It lives until
 * {@link deleteNamespace} or the next boot. Loopback is down in it. Needs CAP_SYS_ADMIN.
 *
 * @throws {NetlinkError} `EEXIST` when the name is taken.
 */
export function createNamespace(name: string): void {
  const path = namedPath(name);
  prepareDirectory();
  try {
    closeSync(openSync(path, 'wx', 0));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    throw new NetlinkError(`network namespace ${name}`, 17, { message: `${path} is there already` });
  }
  try {
    using fd = newNamespaceFile();
    const source = `/proc/thread-self/fd/${fd.fd}`;
    invoke('mount', { source, target: path, filesystemtype: null, mountflags: ['MS_BIND'], data: null });
  } catch (error) {
    unlinkSync(path);
    throw error;
  }
}

/**
 * Takes a name away. The namespace itself ends when the last process, descriptor and mount of it is gone; then virtual
 * links in it are destroyed and physical ones return to the first namespace.
 *
 * @throws {Error} `ENOENT` when there is no such name.
 */
export function deleteNamespace(name: string): void {
  const path = namedPath(name);
  try {
    invoke('umount2', { target: path, flags: ['MNT_DETACH', 'UMOUNT_NOFOLLOW'] });
  } catch (error) {
    // EINVAL: the file is no mount, which a crash between creating and mounting leaves behind.
    if (!(error instanceof SyscallError && (error.code === 'EINVAL' || error.code === 'ENOENT'))) throw error;
  }
  unlinkSync(path);
}
