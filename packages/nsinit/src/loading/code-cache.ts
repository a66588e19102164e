import { closeSync, mkdirSync, openSync, readFileSync, renameSync, unlinkSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { Script } from 'node:vm';

/**
 * A CommonJS module that is compiled once and not at every start: V8's compiled code is kept in a file. It is made by
 * whoever may write beside the program, so by its owner alone, and used by all.
 */
export class CachedScript {
  readonly #file: string;
  readonly #cache: string;
  readonly #script: Script;
  readonly #wanted: boolean;

  /**
   * Compiles the module, or takes the compiled code.
   *
   * @param file path of the module: a function expression with the parameters of a CommonJS module. It holds ASCII alone and
   * loads nothing by `import()`.
   * @param cache path of the compiled code. Its name has to change with the module: V8 itself compares nothing but the
   * length of the source, its own version and its flags.
   */
  constructor(file: string, cache: string) {
    this.#file = file;
    this.#cache = cache;
    const cachedData = readIfThere(cache);
    this.#script = new Script(readFileSync(file, 'latin1'), {
      filename: file,
      ...(cachedData ? { cachedData } : {}),
    });
    this.#wanted = cachedData === undefined || this.#script.cachedDataRejected === true;
  }

  /** Runs the module and gives what it exports. */
  run(require: NodeJS.Require): unknown {
    const module = { exports: {} };
    const body = this.#script.runInThisContext() as (...args: readonly unknown[]) => void;
    body(module.exports, require, module, this.#file, dirname(this.#file));
    return module.exports;
  }

  /**
   * Keeps the code that has been compiled until now, unless it is kept already or cannot be written here. Best called at
   * the end: functions are compiled when they are called first.
   */
  save(): void {
    if (!this.#wanted) return;
    const temporary = `${this.#cache}.${process.pid}`;
    const fd = openIfAllowed(temporary);
    if (fd === undefined) return;
    try {
      writeFileSync(fd, this.#script.createCachedData());
      renameSync(temporary, this.#cache);
    } catch (error) {
      unlinkSync(temporary);
      throw error;
    } finally {
      closeSync(fd);
    }
  }
}

function readIfThere(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch {
    // Whatever is the matter with it, the module can be compiled without.
    return undefined;
  }
}

/** Undefined where this process may not write: then the cache is the owner's business. */
function openIfAllowed(path: string): number | undefined {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o755 });
    return openSync(path, 'wx', 0o644);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (['EACCES', 'EPERM', 'EROFS', 'EEXIST', 'ENOENT', 'ENOTDIR', 'ENOSPC', 'EDQUOT'].includes(code ?? ''))
      return undefined;
    throw error;
  }
}
