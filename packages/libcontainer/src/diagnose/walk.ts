import { readlinkSync } from 'node:fs';
import type { MountinfoEntry } from '@nsinit/mount';
import { constant, decodeStruct, errnoMessage, errnos, Fd, type FdNumber, sizeOf, tryInvoke } from '@nsinit/syscall';
import { isSystemError } from './host.ts';
import { type FileStat, mayExecute } from './permission.ts';
import type { Subject } from './subject.ts';
import type { View } from './view.ts';

/** A symbolic link on the way. */
export interface Hop {
  readonly path: string;
  readonly target: string;
}

/** How a path was found, or why not. Paths are those of the view, symbolic links resolved. */
export type Walk = {
  /** The symbolic links that were followed. */
  readonly hops: readonly Hop[];
  /** How far it went. */
  readonly path: string;
} & (
  | { readonly outcome: 'found'; readonly fd: Fd; readonly stat: FileStat; readonly mount: MountinfoEntry | undefined }
  | { readonly outcome: 'missing' }
  | { readonly outcome: 'not-directory'; readonly stat: FileStat }
  | { readonly outcome: 'denied'; readonly stat: FileStat }
  | { readonly outcome: 'symlink' }
  | { readonly outcome: 'loop'; readonly why: string }
  | { readonly outcome: 'too-long'; readonly why: string }
  /** It cannot be told, or not without trusting the container. */
  | { readonly outcome: 'unknown'; readonly why: string }
);

/** How {@link walk} goes. */
export interface WalkOptions {
  /** Whose permission to search directories is asked for; undefined: nobody's. */
  readonly subject?: Subject | undefined;
  /** Where a relative path begins; undefined: `/`. */
  readonly cwd?: string | undefined;
  /** Ends at the first symbolic link instead of following it. */
  readonly noSymlinks?: boolean;
}

/** MAXSYMLINKS of linux/namei.h */
const maxSymlinks = 40;
const pathMax = 4096;
const nameMax = 255;

/**
 * Goes to a path as the kernel would, component by component, each by the descriptor of its directory: nothing is looked at
 * outside of the view's root, whatever links it holds. Files are not opened, only found (O_PATH).
 */
export function walk(view: View, path: string, options: WalkOptions = {}): Walk {
  if (Buffer.byteLength(path) >= pathMax)
    return {
      outcome: 'too-long',
      hops: [],
      path,
      why: `the path has ${Buffer.byteLength(path)} bytes, ${pathMax - 1} are possible`,
    };
  const walker = new Walker(view);
  try {
    if (!path.startsWith('/') && options.cwd !== undefined) {
      // Who is there already needs no permission for what is above.
      const there = walker.go(options.cwd, { ...options, subject: undefined });
      if (there) return there;
    }
    const end = walker.go(path, options) ?? walker.arrive();
    if (end.outcome !== 'found' || end.stat.type === 'directory' || !/\/\.?$/.test(path)) return end;
    end.fd.close();
    return { outcome: 'not-directory', hops: end.hops, path: end.path, stat: end.stat };
  } finally {
    walker.close();
  }
}

/** What is missing on the way to a path, with the symbolic link that leads there; empty when it is just the path itself. */
export function missingText(path: string, { path: missing, hops }: Pick<Walk, 'path' | 'hops'>): string {
  const link = hops.at(-1);
  const led = link ? `${link.path} is a symbolic link to ${link.target}, and ` : '';
  return missing === path.replace(/\/+$/, '') ? '' : `${led}${missing} does not exist`;
}

class Walker {
  readonly #view: View;
  readonly #hops: Hop[] = [];
  readonly #rootMount: number;
  #parts: string[] = [];
  #at: Fd;
  #stat: FileStat;

  constructor(view: View) {
    this.#view = view;
    this.#at = openBelow(view.root, '.');
    this.#stat = statOf(this.#at);
    this.#rootMount = this.#stat.mountId;
  }

  get #path(): string {
    return `/${this.#parts.join('/')}`;
  }

  close(): void {
    this.#at.close();
  }

  /** What was found; its descriptor is the caller's from now on. */
  arrive(): Walk {
    const fd = new Fd(this.#at.release());
    return {
      outcome: 'found',
      ...this.#here(),
      fd,
      stat: this.#stat,
      mount: this.#view.mounts.get(this.#stat.mountId),
    };
  }

  /** Follows a path; the result is why it ended early. */
  go(path: string, options: WalkOptions): Walk | undefined {
    const queue = path.split('/');
    if (path.startsWith('/')) this.#return([]);
    for (let name = queue.shift(); name !== undefined; name = queue.shift()) {
      if (name === '') continue;
      if (this.#stat.type !== 'directory') return { outcome: 'not-directory', ...this.#here(), stat: this.#stat };
      if (options.subject && !mayExecute(options.subject, this.#stat))
        return { outcome: 'denied', ...this.#here(), stat: this.#stat };
      if (name === '.') continue;
      if (name === '..') {
        if (this.#parts.length > 0 && !this.#return(this.#parts.slice(0, -1)))
          return this.#unknown('it changed meanwhile');
        continue;
      }
      const end = this.#enter(name, queue, options);
      if (end) return end;
    }
    return undefined;
  }

  #enter(name: string, queue: string[], options: WalkOptions): Walk | undefined {
    const path = this.#parts.length === 0 ? `/${name}` : `${this.#path}/${name}`;
    if (Buffer.byteLength(name) > nameMax)
      return {
        outcome: 'too-long',
        ...this.#here(),
        why: `a name in it has ${Buffer.byteLength(name)} bytes, ${nameMax} are possible`,
      };
    const opened = openEntry(this.#at, name);
    if (opened === -errnos.ENOENT) return { outcome: 'missing', hops: this.#hops, path };
    if (opened < 0) return this.#unknown(`${path}: ${errnoMessage(-opened)}`);
    const fd = new Fd(opened);
    const stat = statOf(fd);
    if (stat.type !== 'symlink') {
      this.#at.close();
      this.#at = fd;
      this.#stat = stat;
      this.#parts.push(name);
      return this.#isForeign() ? this.#unknown(`${path} is on a file system that a process answers for`) : undefined;
    }
    fd.close();
    const link = this.#readLink(name, path, stat);
    if ('outcome' in link) return link;
    if (options.noSymlinks) return { outcome: 'symlink', hops: [...this.#hops, link], path };
    if (this.#hops.push(link) > maxSymlinks)
      return { outcome: 'loop', hops: this.#hops, path, why: `more than ${maxSymlinks} symbolic links` };
    queue.unshift(...link.target.split('/'));
    if (link.target.startsWith('/')) this.#return([]);
    return undefined;
  }

  /** Links of procfs mean something else to every reader, and some are no paths at all. */
  #readLink(name: string, path: string, stat: FileStat): Hop | Walk {
    const mount = this.#view.mounts.get(stat.mountId);
    if (mount?.fsType === 'proc') return this.#unknown(`${path} is a link of procfs`);
    if (mount?.mountOptions.includes('nosymfollow'))
      return { outcome: 'loop', hops: this.#hops, path, why: `${mount.mountPoint} is mounted with nosymfollow` };
    try {
      return { path, target: readlinkSync(`/proc/self/fd/${this.#at.fd}/${name}`) };
    } catch (error) {
      if (isSystemError(error)) return this.#unknown(`${path}: ${error.message}`);
      throw error;
    }
  }

  /** Whether whoever serves a FUSE mount, possibly a process of the container, could keep us waiting. */
  #isForeign(): boolean {
    const { mountId } = this.#stat;
    const fuse = this.#view.mounts.get(mountId)?.fsType.startsWith('fuse') ?? false;
    return fuse && mountId !== this.#rootMount;
  }

  #return(parts: string[]): boolean {
    const resolve = ['RESOLVE_IN_ROOT', 'RESOLVE_NO_SYMLINKS'] as const;
    const how = { flags: ['O_PATH', 'O_DIRECTORY', 'O_CLOEXEC'], resolve } as const;
    const opened = tryInvoke('openat2', { dirfd: this.#view.root, pathname: `./${parts.join('/')}`, how });
    if (opened < 0) return false;
    this.#at.close();
    this.#at = new Fd(opened);
    this.#stat = statOf(this.#at);
    this.#parts = parts;
    return true;
  }

  #here(): { readonly hops: readonly Hop[]; readonly path: string } {
    return { hops: this.#hops, path: this.#path };
  }

  #unknown(why: string): Walk {
    return { outcome: 'unknown', ...this.#here(), why };
  }
}

function openBelow(dir: FdNumber, name: string): Fd {
  const opened = openEntry(dir, name);
  if (opened < 0) throw new Error(`a directory that is open cannot be opened: ${errnoMessage(-opened)}`);
  return new Fd(opened);
}

/** Opens one entry of a directory; a symbolic link is opened itself. */
function openEntry(dir: FdNumber, pathname: string): number {
  const how = {
    flags: ['O_PATH', 'O_NOFOLLOW', 'O_CLOEXEC'],
    resolve: ['RESOLVE_BENEATH', 'RESOLVE_NO_MAGICLINKS'],
  } as const;
  return tryInvoke('openat2', { dirfd: dir, pathname, how });
}

const types: Readonly<Record<number, FileStat['type']>> = {
  [constant('file_type', 'S_IFREG')]: 'file',
  [constant('file_type', 'S_IFDIR')]: 'directory',
  [constant('file_type', 'S_IFLNK')]: 'symlink',
  [constant('file_type', 'S_IFCHR')]: 'character',
  [constant('file_type', 'S_IFBLK')]: 'block',
  [constant('file_type', 'S_IFIFO')]: 'fifo',
  [constant('file_type', 'S_IFSOCK')]: 'socket',
};

/** STATX_BASIC_STATS | STATX_MNT_ID */
const statxMask = 0x7ff | 0x1000;
/** AT_EMPTY_PATH | AT_STATX_DONT_SYNC: what is known already is enough. */
const statxFlags = 0x1000 | 0x4000;

function statOf(fd: FdNumber): FileStat {
  const statxbuf = new Uint8Array(sizeOf('statx'));
  const result = tryInvoke('statx', { dirfd: fd, pathname: '', flags: statxFlags, mask: statxMask, statxbuf });
  if (result < 0) return { type: 'unknown', mode: 0, uid: 0, gid: 0, mountId: -1 };
  const fields = decodeStruct('statx', new DataView(statxbuf.buffer));
  const mode = Number(fields['stx_mode']);
  return {
    type: types[mode & 0o170000] ?? 'unknown',
    mode: mode & 0o7777,
    uid: Number(fields['stx_uid']),
    gid: Number(fields['stx_gid']),
    mountId: Number(fields['stx_mnt_id']),
  };
}
