import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readFileSync,
  renameSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';

const { O_RDONLY, O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW, O_NONBLOCK, O_DIRECTORY } = constants;

/** A file of that name and more bytes than this is none of ours. */
const LARGEST = 16 * 1024 * 1024;

/** Names of the files, and how one tells that an old one may be replaced. */
const FILES = {
  'state.json': (text: string) => /^\s*\{/.test(text) && text.includes('"init_process_pid"'),
  '.nspid': (text: string) => /^\s*\d*\s*$/.test(text),
} as const satisfies Record<string, (text: string) => boolean>;

type FileName = keyof typeof FILES;

/**
 * Files that tell people and programs that a container lives. They may stand in its root file system, where its
 * processes can do as they like at the same time: names are taken relative to an open directory, no symbolic link is
 * followed, a file that is certainly new is made and then put in place by rename(2), which replaces a link
 * and not what it points to. Nothing that stands in them is ever believed.
 */
export class StateFiles implements Disposable {
  readonly #directory: number;
  readonly #written = new Map<FileName, number>();

  /** @throws the error of node:fs when the directory cannot be opened. */
  constructor(directory: string) {
    this.#directory = openSync(directory, O_RDONLY | O_DIRECTORY);
  }

  /**
   * Writes both.
   *
   * @throws the error of node:fs; an Error when a file of that name is somebody else's.
   */
  write(state: string, pid: number): void {
    this.#put('state.json', state);
    this.#put('.nspid', String(pid));
  }

  /**
   * Removes what a container left whose starter was killed.
   *
   * @throws as {@link write}.
   */
  removeOld(): void {
    for (const name of Object.keys(FILES) as FileName[]) {
      this.#checkOld(name);
      if (lstatSync(this.#path(name), { throwIfNoEntry: false })?.isFile()) unlinkSync(this.#path(name));
    }
  }

  /** Removes what was written, unless it has been replaced since. */
  [Symbol.dispose](): void {
    for (const [name, fd] of this.#written) {
      if (this.#isStill(name, fd)) unlinkSync(this.#path(name));
      closeSync(fd);
    }
    this.#written.clear();
    closeSync(this.#directory);
  }

  /** The directory by its descriptor: a path that cannot be moved from under us. proc(5) */
  #path(name: string): string {
    return `/proc/self/fd/${this.#directory}/${name}`;
  }

  #put(name: FileName, text: string): void {
    this.#checkOld(name);
    // Loading node:crypto for a better name would take longer than all of this: that the file is new counts.
    const temporary = this.#path(`.nsinit-${process.pid}-${process.hrtime.bigint()}`);
    const fd = openSync(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, 0o644);
    try {
      writeFileSync(fd, text);
      renameSync(temporary, this.#path(name));
    } catch (error) {
      closeSync(fd);
      unlinkSync(temporary);
      throw error;
    }
    // Kept open: as long as it is, no other file can have its inode number.
    this.#written.set(name, fd);
  }

  /** A file that was in the directory before, and is not what a container left, is not to be lost. */
  #checkOld(name: FileName): void {
    const path = this.#path(name);
    const found = lstatSync(path, { throwIfNoEntry: false });
    if (!found?.isFile()) return;
    const fd = openSync(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
    try {
      const { size } = fstatSync(fd);
      if (size <= LARGEST && FILES[name](readFileSync(fd, 'utf8'))) return;
    } finally {
      closeSync(fd);
    }
    throw new Error(`there is a file ${name} already that no container left there`);
  }

  #isStill(name: FileName, fd: number): boolean {
    const found = lstatSync(this.#path(name), { throwIfNoEntry: false, bigint: true });
    const own = fstatSync(fd, { bigint: true });
    return found !== undefined && found.ino === own.ino && found.dev === own.dev;
  }
}
