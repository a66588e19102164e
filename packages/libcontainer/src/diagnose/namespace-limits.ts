import { readdirSync } from 'node:fs';
import { type NamespaceKind, namespaceKinds } from '@nsinit/namespaces';
import { readLink, sysctl } from './host.ts';

/** How many namespaces of a kind there may be and are. */
export interface NamespaceLimit {
  readonly kind: NamespaceKind;
  /** `user.max_net_namespaces` */
  readonly name: string;
  /** Its file below /proc/sys. */
  readonly path: string;
  readonly limit: number;
  /** Those that visible processes are in: at most as many as there are. */
  readonly used: number;
}

/** The limits of some kinds, as far as the kernel has them. namespaces(7), "The /proc/sys/user directory" */
export function namespaceLimits(kinds: readonly NamespaceKind[]): readonly NamespaceLimit[] {
  return kinds.flatMap((kind) => {
    const file = `max_${namespaceKinds[kind].file}_namespaces`;
    const limit = sysctl(`user/${file}`);
    if (limit === undefined) return [];
    return [
      { kind, name: `user.${file}`, path: `/proc/sys/user/${file}`, limit: Number(limit), used: countNamespaces(kind) },
    ];
  });
}

/** The kinds whose flags stand in the text of a step. */
export function kindsIn(text: string): readonly NamespaceKind[] {
  const flags: readonly string[] = text.match(/\bCLONE_NEW[A-Z]+\b/g) ?? [];
  return (Object.keys(namespaceKinds) as NamespaceKind[]).filter((kind) => flags.includes(namespaceKinds[kind].flag));
}

function countNamespaces(kind: NamespaceKind): number {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return new Set(pids.map((pid) => readLink(`/proc/${pid}/ns/${namespaceKinds[kind].file}`)).filter(Boolean)).size;
}
