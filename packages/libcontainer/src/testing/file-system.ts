import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Bytes of an image: ext4 needs some for itself. */
const imageSize = 16 << 20;

/** A file system of its own, mounted on the host for a test. */
export class TestFileSystem implements Disposable {
  /** Where it is mounted. */
  readonly dir: string;
  readonly #work: string;

  private constructor(work: string) {
    this.#work = work;
    this.dir = join(work, 'mounted');
  }

  /** Makes one; what the host says when it cannot. */
  static make(type: 'ext4' | 'tmpfs'): TestFileSystem | { readonly missing: string } {
    const made = new TestFileSystem(mkdtempSync(join(tmpdir(), 'nsinit-file-system-')));
    mkdirSync(made.dir);
    const image = join(made.#work, 'image');
    if (type === 'ext4') {
      writeFileSync(image, '');
      truncateSync(image, imageSize);
    }
    const said =
      type === 'tmpfs'
        ? run('mount', '-t', 'tmpfs', 'tmpfs', made.dir)
        : (run('mkfs.ext4', '-q', image) ?? run('mount', '-t', 'ext4', '-o', 'loop', image, made.dir));
    if (said !== undefined) {
      rmSync(made.#work, { recursive: true });
      return { missing: said };
    }
    chmodSync(made.#work, 0o755);
    chmodSync(made.dir, 0o755);
    return made;
  }

  [Symbol.dispose](): void {
    const said = run('umount', this.dir);
    if (said !== undefined) throw new Error(said);
    rmSync(this.#work, { recursive: true });
  }
}

/** Runs a program; what it says when it fails. */
function run(program: string, ...args: readonly string[]): string | undefined {
  const { status, stderr, error } = spawnSync(program, args, { encoding: 'utf8' });
  return status === 0 ? undefined : (error?.message ?? stderr.trim());
}
