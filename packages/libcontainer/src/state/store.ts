import {
  type BigIntStats,
  closeSync,
  fstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { ConfigError, decodeState, encodeState, type State } from '@nsinit/config';
import { parseStatusFile, type StatusRecord } from '@nsinit/namespaces';
import { AT_FDCWD, Fd, invoke } from '@nsinit/syscall';
import { asContainerError, ContainerError } from '../errors.ts';
import { checkId } from './id.ts';
import { type LockMode, lockDirectory, makeRoot } from './lock.ts';

/** The directory of one container: `state.json`, and `init`, in which the supervisor records the first process. */
export class Store {
  /** Directory of all containers. */
  readonly root: string;
  readonly id: string;
  /** Directory of this one. */
  readonly dir: string;
  /** The state file that was read or written last. */
  #version: string | undefined;

  /** @throws {ContainerError} ConfigInvalid without a root, InvalidIdFormat for a bad id. */
  constructor(root: string, id: string) {
    if (root === '') throw new ContainerError('ConfigInvalid', 'invalid root', { field: 'root' });
    checkId(id);
    this.root = root;
    this.id = id;
    this.dir = join(root, id);
  }

  /**
   * Takes the id and writes the first state. Between the two the directory is locked: one that stands there without a
   * state, and without a lock, is what a process left that was killed at this point, and is taken over.
   *
   * @throws {ContainerError} IdInUse when a container has it already.
   */
  async create(state: State): Promise<void> {
    try {
      makeRoot(this.root);
      for (;;) {
        if (this.exists()) throw this.#inUse();
        mkdirSync(this.dir, { mode: 0o700, recursive: true });
        using lock = await lockDirectory(this.dir, 'exclusive');
        // Another has removed it meanwhile.
        if (!lock) continue;
        if (this.exists()) throw this.#inUse();
        try {
          this.write(state);
        } catch (error) {
          this.remove();
          throw error;
        }
        return;
      }
    } catch (error) {
      throw asContainerError(error, `cannot create the state directory ${this.dir}`, { path: this.dir });
    }
  }

  #inUse(): ContainerError {
    return new ContainerError('IdInUse', `Container with id exists: ${this.id}`, {
      path: this.dir,
      hint: 'load and destroy that container, or choose another id',
    });
  }

  /** Removes what a process left that was killed before the container existed. */
  async sweep(): Promise<void> {
    using lock = await lockDirectory(this.dir, 'exclusive');
    if (lock && !this.exists()) this.remove();
  }

  /** Whether a container of this id exists. */
  exists(): boolean {
    return statSync(join(this.dir, 'state.json'), { throwIfNoEntry: false }) !== undefined;
  }

  /**
   * Reads the state.
   *
   * @param known the state as it was read or written last: it is returned when the file is still the same one.
   * @throws {ContainerError} ContainerNotExists, or SystemError for a file that cannot be understood.
   */
  read(known?: State): State {
    const path = join(this.dir, 'state.json');
    try {
      const version = versionOf(statSync(path, { bigint: true }));
      if (known && version === this.#version) return known;
      const state = decodeState(readFileSync(path, 'utf8'));
      this.#version = version;
      return state;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT')
        throw new ContainerError('ContainerNotExists', `container ${this.id} does not exist`, { path, cause: error });
      if (error instanceof ConfigError)
        throw new ContainerError('SystemError', `the state file ${path} is damaged: ${error.message}`, {
          path,
          hint: 'end the processes of the container if there are any, and remove the directory',
          cause: error,
        });
      throw asContainerError(error, `cannot read the state file ${path}`, { path });
    }
  }

  /** Writes the state, as a whole or not at all. */
  write(state: State): void {
    const path = join(this.dir, 'state.json');
    const temporary = `${path}.${process.pid}.tmp`;
    try {
      // One that is there already was left by a killed process with our number.
      const file = openSync(temporary, 'w', 0o600);
      try {
        writeSync(file, encodeState(state));
        this.#version = versionOf(fstatSync(file, { bigint: true }));
      } finally {
        closeSync(file);
      }
      renameSync(temporary, path);
    } catch (error) {
      rmSync(temporary, { force: true });
      throw asContainerError(error, `cannot write the state file ${path}`, { path });
    }
  }

  /** The directory without symbolic links, so that it is the same for all: /var/run is /run. */
  realDir(): string {
    return realpathSync(this.dir);
  }

  /** Path of the supervisor's record of the first process. */
  get recordPath(): string {
    return join(this.dir, 'init');
  }

  /** What the supervisor has recorded of the first process; undefined when none was started. */
  record(): StatusRecord | undefined {
    try {
      return parseStatusFile(readFileSync(this.recordPath));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw asContainerError(error, `cannot read ${this.recordPath}`, { path: this.recordPath });
    }
  }

  /**
   * Opens a fresh record for a supervisor, and locks it: the lock lives as long as the supervisor does, so that
   * everybody can tell whether it is still there. The record of an earlier process, whose supervisor may be about to
   * end, is another file.
   */
  openRecord(): Fd {
    rmFile(this.recordPath);
    const fd = new Fd(
      invoke('openat', {
        dirfd: AT_FDCWD,
        pathname: this.recordPath,
        flags: ['O_RDWR', 'O_CREAT', 'O_EXCL', 'O_CLOEXEC'],
        mode: 0o600,
      }),
    );
    try {
      invoke('flock', { fd, op: ['LOCK_EX', 'LOCK_NB'] });
      return fd;
    } catch (error) {
      fd.close();
      throw error;
    }
  }

  /**
   * Holds the container's lock while `body` runs.
   *
   * @throws {ContainerError} ContainerNotExists when there is no such container any more.
   */
  async locked<T>(mode: LockMode, body: () => T | Promise<T>, signal?: AbortSignal): Promise<T> {
    using lock = await lockDirectory(this.dir, mode, signal);
    if (!lock)
      throw new ContainerError('ContainerNotExists', `container ${this.id} does not exist`, { path: this.dir });
    return await body();
  }

  /** Removes the directory with all that is in it; one that is gone already is fine. */
  remove(): void {
    try {
      // The two files that there usually are; rmSync alone takes four times as long.
      for (const name of ['state.json', 'init']) rmFile(join(this.dir, name));
      try {
        rmdirSync(this.dir);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
        rmSync(this.dir, { recursive: true, force: true });
      }
    } catch (error) {
      throw asContainerError(error, `cannot remove the state directory ${this.dir}`, { path: this.dir });
    }
  }
}

/** Every write makes a new file; a number that is used again has another time. */
function versionOf({ ino, mtimeNs, size }: BigIntStats): string {
  return `${ino}:${mtimeNs}:${size}`;
}

function rmFile(path: string): void {
  try {
    unlinkSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}
