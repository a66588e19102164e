import { spawn } from 'node:child_process';
import { existsSync, realpathSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { nsexecPath } from '@nsinit/namespaces';
import type { Sandbox } from './sandbox.ts';

/** The parts of vite that are used: vitest brings it, and it has no other place in this package. */
interface Vite {
  build(options: object): Promise<unknown>;
}

/** Packages of others, which stay where they are; but not what the translation itself refers to. */
const isForeign = (id: string) => /^[^./\0]/.test(id) && !/^@(nsinit|oxc-project)\//.test(id);

const here = createRequire(import.meta.url);

/**
 * This package with all of its sources in one JavaScript file below the sandbox, for other processes and threads, which
 * cannot load TypeScript. Fresh for each test file: no stale build can be tested.
 *
 * @returns the path to import.
 */
export async function bundle({ dir }: Sandbox): Promise<string> {
  const vite = (await import(createRequire(here.resolve('vitest/package.json')).resolve('vite'))) as Vite;
  const out = join(dir, 'package/dist');
  await vite.build({
    root: dir,
    configFile: false,
    logLevel: 'error',
    resolve: { conditions: ['@nsinit/source', 'node', 'import'] },
    ssr: { noExternal: true, resolve: { conditions: ['@nsinit/source', 'node', 'import'] } },
    build: {
      ssr: fileURLToPath(new URL('../index.ts', import.meta.url)),
      outDir: out,
      minify: false,
      rollupOptions: {
        external: isForeign,
        // All in one directory: what the sources find beside themselves is looked for from there.
        output: { entryFileNames: 'index.mjs', chunkFileNames: '[name]-[hash].mjs', format: 'es' },
      },
    },
  });
  // What the sources find beside themselves.
  const syscall = join(realpathSync(here.resolve('@nsinit/syscall/package.json')), '..');
  symlinkSync(join(syscall, 'node_modules'), join(dir, 'package/node_modules'));
  symlinkSync(join(nsexecPath(), '..'), join(dir, 'package/bin'));
  if (!existsSync(join(out, 'index.mjs'))) throw new Error('the bundle was not written');
  return join(out, 'index.mjs');
}

/** What another Node process is given. */
export interface AgentOptions {
  readonly sandbox: Sandbox;
  /** Path of the bundle. */
  readonly library: string;
  /** Passed on as `input`. */
  readonly input?: unknown;
}

/** The prelude of every script: the library, a factory of the sandbox, and `say` to tell the test something. */
export function agentSource(script: string, { sandbox, library, input }: AgentOptions): string {
  const factory = `lib.createFactory(${JSON.stringify(sandbox.state)})`;
  return `
    const lib = await import(${JSON.stringify(library)});
    const input = ${JSON.stringify(input ?? null)};
    const factory = await ${factory};
    const env = ['PATH=/bin'];
    const say = (value) => process.stdout.write(JSON.stringify(value) + '\\n');
    ${script}
  `;
}

/** Another Node process that runs a script, which speaks in lines of JSON. */
export class Agent {
  readonly #child;
  readonly #lines: unknown[] = [];
  #wake: () => void = () => {};
  #stderr = '';
  /** Settles with exit code or signal when it has ended. */
  readonly ended: Promise<number | NodeJS.Signals>;

  constructor(script: string, options: AgentOptions) {
    const source = agentSource(script, options);
    const { NODE_EXTRA_CA_CERTS: _, NODE_OPTIONS: __, ...env } = process.env;
    this.#child = spawn(process.execPath, ['--input-type=module', '-e', source], {
      stdio: ['pipe', 'pipe', 'pipe'],
      env,
    });
    let rest = '';
    this.#child.stdout.setEncoding('utf8').on('data', (text: string) => {
      const parts = (rest + text).split('\n');
      rest = parts.pop()!;
      this.#lines.push(...parts.map((line) => JSON.parse(line) as unknown));
      this.#wake();
    });
    this.#child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr += text;
    });
    this.ended = new Promise((resolve) => {
      this.#child.once('close', (code, signal) => {
        resolve(code ?? signal!);
        this.#wake();
      });
    });
  }

  get pid(): number {
    return this.#child.pid!;
  }

  /** What it printed as errors. */
  get stderr(): string {
    return this.#stderr;
  }

  /** The next thing that it says. */
  async hear(): Promise<unknown> {
    let over = false;
    void this.ended.then(() => {
      over = true;
    });
    while (this.#lines.length === 0) {
      if (over) throw new Error(`it ended without a word: ${this.#stderr}`);
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      await Promise.resolve();
    }
    return this.#lines.shift();
  }

  /** Writes to its standard input. */
  type(text: string): void {
    this.#child.stdin.write(text);
  }

  /** Ends it without mercy, and waits for that. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.ended;
  }
}
