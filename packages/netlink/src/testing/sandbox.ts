import { spawnSync } from 'node:child_process';
import { NetworkNamespace } from '../namespace/namespace.ts';
import { Netlink } from '../netlink.ts';

/** A network namespace without a name, seen through this library and through iproute2. Gone when it is closed. */
export class Sandbox implements Disposable {
  readonly ns: NetworkNamespace;
  readonly nl: Netlink;

  constructor() {
    this.ns = NetworkNamespace.create();
    this.nl = new Netlink({ netns: this.ns });
  }

  /** Runs a program in the namespace and returns what it prints. */
  run(program: string, args: readonly string[], input = ''): string {
    const net = `--net=/proc/${process.pid}/fd/${this.ns.fd}`;
    const result = spawnSync('nsenter', [net, program, ...args], {
      encoding: 'utf8',
      input,
      maxBuffer: 1 << 28,
    });
    if (result.error) throw result.error;
    if (result.status !== 0) throw new Error(`${program} ${args.join(' ')}: ${result.stderr.trim() || result.status}`);
    return result.stdout;
  }

  /** What `ip -d -j …` prints. */
  ip(...args: readonly string[]): Record<string, unknown>[] {
    return parse(this.run('ip', ['-d', '-j', ...args]));
  }

  /** What `bridge -d -j …` prints. */
  bridge(...args: readonly string[]): Record<string, unknown>[] {
    return parse(this.run('bridge', ['-d', '-j', ...args]));
  }

  /** What `tc -j …` prints. */
  tc(...args: readonly string[]): Record<string, unknown>[] {
    return parse(this.run('tc', ['-d', '-j', ...args]));
  }

  close(): void {
    this.nl.close();
    this.ns.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

function parse(text: string): Record<string, unknown>[] {
  const found = JSON.parse(text || '[]') as Record<string, unknown>[];
  // `ip -j` prints an empty object for what a filter leaves out.
  return found.filter((entry) => Object.keys(entry).length > 0);
}

/** Why this kernel cannot make links of a kind, or undefined when it can. */
export function lacksKind(make: (nl: Netlink) => void): string | undefined {
  using sandbox = new Sandbox();
  try {
    make(sandbox.nl);
    return undefined;
  } catch (error) {
    if ((error as { code?: string }).code !== 'EOPNOTSUPP') throw error;
    return `host: this kernel cannot make such a link: ${(error as Error).message}`;
  }
}
