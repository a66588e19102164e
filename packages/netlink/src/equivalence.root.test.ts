import { describe, expect, it, vi } from 'vitest';
import { type Case, cases } from './testing/cases/index.ts';
import { lacksKind, Sandbox } from './testing/sandbox.ts';
import { seenByIp, seenByUs, withoutChance } from './testing/snapshot.ts';

// Every change is made twice, by us and by iproute2, in a namespace each. Then both namespaces must look the same to
// iproute2, and what we read must be what iproute2 reads, field by field.

function runLine(sandbox: Sandbox, line: string): void {
  const words = line.split(' ');
  const program = words[0] === 'bridge' || words[0] === 'tc' ? words.shift()! : 'ip';
  sandbox.run(program, words);
}

const makers: Readonly<Record<string, () => string | undefined>> = {
  dummy: () => lacksKind((nl) => nl.links.add({ kind: 'dummy', ifname: 'k0' })),
  vrf: () => lacksKind((nl) => nl.links.add({ kind: 'vrf', ifname: 'k0', data: { table: 9 } })),
  bond: () => lacksKind((nl) => nl.links.add({ kind: 'bond', ifname: 'k0' })),
  vlan: () =>
    lacksKind((nl) => {
      nl.links.add({ kind: 'bridge', ifname: 'br0' });
      nl.links.add({ kind: 'vlan', ifname: 'k0', link: 'br0', data: { id: 5 } });
    }),
  ipvlan: () =>
    lacksKind((nl) => {
      nl.links.add({ kind: 'bridge', ifname: 'br0' });
      nl.links.add({ kind: 'ipvlan', ifname: 'k0', link: 'br0' });
    }),
};

const missing = new Map<string, string | undefined>();

function reasonWithout(kind: string | undefined): string | undefined {
  if (kind === undefined) return undefined;
  if (!missing.has(kind)) missing.set(kind, makers[kind]!());
  return missing.get(kind);
}

describe.each(Object.entries(cases))('%s', (_, list) => {
  for (const own of list) {
    it(own.name, async (ctx) => {
      const lacking = reasonWithout(own.kind);
      if (lacking) ctx.skip(lacking);
      await compare(own);
    });
  }
});

async function compare(own: Case): Promise<void> {
  using ours = new Sandbox();
  using theirs = new Sandbox();
  own.ours(ours.nl);
  for (const line of own.ip) runLine(theirs, line);

  // The kernel takes its time to notice that a link has no carrier, and IPv6 to send its first reports.
  await vi.waitFor(
    () => {
      expect(withoutChance(seenByIp(ours))).toEqual(withoutChance(seenByIp(theirs)));
      for (const sandbox of [ours, theirs]) expect(seenByUs(sandbox)).toEqual(seenByIp(sandbox));
    },
    { timeout: 10_000, interval: 100 },
  );
}
