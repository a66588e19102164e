import { readFileSync } from 'node:fs';

/** CAP_SETGID and CAP_SETUID, see capabilities(7). */
const capabilityBits = { gid: 1n << 6n, uid: 1n << 7n } as const;

/** Whether this process may write any map itself. */
export function mayMapAnything(kind: 'uid' | 'gid'): boolean {
  const effective = /^CapEff:\s*([0-9a-f]+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '0';
  return (BigInt(`0x${effective}`) & capabilityBits[kind]) !== 0n;
}
