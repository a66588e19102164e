import { closeSync, constants, existsSync, openSync, readSync, writeSync } from 'node:fs';
import { CgroupError, errnoOf } from '../error.ts';
import { ParseProblem } from '../text/parse.ts';
import { hintFor } from './hints.ts';

/** Errors of a file that is not there, or whose controller is off. */
const absent: ReadonlySet<string> = new Set(['ENOENT', 'ENODEV', 'EOPNOTSUPP', 'ENOTSUP', 'ENOTDIR']);

const firstRead = Buffer.allocUnsafe(16 * 1024);

/** One directory of a cgroup file system: every access to its files goes through here. */
export class Group {
  /** The directory. */
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  /** Whether the directory, or a file in it, is there. */
  exists(file = ''): boolean {
    return existsSync(`${this.path}/${file}`);
  }

  /**
   * The text of a file.
   *
   * @throws {CgroupError} ERR_CGROUP_IO
   */
  read(file: string): string {
    try {
      return readText(`${this.path}/${file}`);
    } catch (error) {
      throw this.#failure('read', file, error);
    }
  }

  /**
   * Opens a file to read. The descriptor is the caller's to close.
   *
   * @throws {CgroupError} ERR_CGROUP_IO
   */
  open(file: string): number {
    try {
      return openSync(`${this.path}/${file}`, constants.O_RDONLY);
    } catch (error) {
      throw this.#failure('open', file, error);
    }
  }

  /** The text of a file; undefined when it is not there or the kernel does not support it here. */
  tryRead(file: string): string | undefined {
    try {
      return readText(`${this.path}/${file}`);
    } catch (error) {
      if (absent.has(errnoOf(error) ?? '')) return undefined;
      throw this.#failure('read', file, error);
    }
  }

  /**
   * The value of a file by its parser.
   *
   * @throws {CgroupError} ERR_CGROUP_PARSE, naming the file, and as {@link read}.
   */
  value<T>(file: string, parse: (text: string) => T): T {
    return this.#parsed(file, this.read(file), parse);
  }

  /** The value of a file by its parser; undefined when it is not there. */
  tryValue<T>(file: string, parse: (text: string) => T): T | undefined {
    const text = this.tryRead(file);
    return text === undefined ? undefined : this.#parsed(file, text, parse);
  }

  /**
   * Writes a file in one write(2).
   *
   * @param field - what asked for it, for the error.
   * @throws {CgroupError} ERR_CGROUP_IO with what was to be written and a hint.
   */
  write(file: string, data: string, field?: string): void {
    try {
      writeText(`${this.path}/${file}`, data);
    } catch (error) {
      throw this.#failure(`write ${JSON.stringify(data)} to`, file, error, data, field);
    }
  }

  #parsed<T>(file: string, text: string, parse: (text: string) => T): T {
    try {
      return parse(text);
    } catch (error) {
      if (!(error instanceof ParseProblem)) throw error;
      const what = `failed to parse ${file} - ${error.message} in ${this.path}/${file}`;
      throw new CgroupError('ERR_CGROUP_PARSE', what, { path: this.path, file, cause: error });
    }
  }

  /** A file of cgroup v2 is missing when no group above gives its controller: then that is the remedy. */
  #notGiven(file: string, errno: string | undefined): string | undefined {
    const controller = file.slice(0, Math.max(0, file.indexOf('.')));
    if (errno !== 'ENOENT' || controller === '' || controller === 'cgroup' || !this.exists('cgroup.controllers'))
      return undefined;
    const given = (this.tryRead('cgroup.controllers') ?? '').split(/\s+/).filter(Boolean);
    if (given.includes(controller)) return undefined;
    const has = given.length === 0 ? 'has no controller' : `has ${given.join(', ')} alone`;
    return `the group ${has}: cgroup.subtree_control of every group above must list ${controller} (systemd: Delegate=${controller} of the unit above)`;
  }

  #failure(what: string, file: string, cause: unknown, data?: string, field?: string): CgroupError {
    const errno = errnoOf(cause);
    const hint = this.#notGiven(file, errno) ?? hintFor(file, errno);
    const details = { path: this.path, file, data, errno, field, hint, cause };
    return new CgroupError('ERR_CGROUP_IO', `${what} ${this.path}/${file}: ${errno ?? String(cause)}`, details);
  }
}

function readText(path: string): string {
  const fd = openSync(path, constants.O_RDONLY);
  try {
    const size = readSync(fd, firstRead, 0, firstRead.length, null);
    if (size < firstRead.length) {
      // kernfs gives a whole file of less than a page at once, but seq_file may stop at any line before its buffer.
      const more = readRest(fd);
      return more.length === 0 ? firstRead.toString('utf8', 0, size) : `${firstRead.toString('utf8', 0, size)}${more}`;
    }
    const head = Buffer.from(firstRead);
    return Buffer.concat([head, Buffer.from(readRest(fd))]).toString('utf8');
  } finally {
    closeSync(fd);
  }
}

function readRest(fd: number): string {
  const parts: Buffer[] = [];
  for (;;) {
    const part = Buffer.alloc(16 * 1024);
    const size = readSync(fd, part, 0, part.length, null);
    if (size === 0) return parts.length === 0 ? '' : Buffer.concat(parts).toString('utf8');
    parts.push(part.subarray(0, size));
  }
}

function writeText(path: string, data: string): void {
  const fd = openSync(path, constants.O_WRONLY | constants.O_TRUNC);
  try {
    for (;;) {
      try {
        writeSync(fd, data);
        return;
      } catch (error) {
        // Reclaim that a lower memory limit starts gives up when a signal arrives.
        if (errnoOf(error) !== 'EINTR') throw error;
      }
    }
  } finally {
    closeSync(fd);
  }
}
