import { addressAsIp, fdbAsBridge, linkAsIp, neighbourAsIp, routeAsIp, ruleAsIp } from './as-ip.ts';
import type { Sandbox } from './sandbox.ts';

type Fields = Record<string, unknown>;

/** All that a namespace holds, in the words of `ip -d -j`. */
export interface Snapshot {
  readonly links: readonly Fields[];
  readonly addresses: readonly Fields[];
  readonly routes: readonly Fields[];
  readonly rules: readonly Fields[];
  readonly neighbours: readonly Fields[];
  readonly fdb: readonly Fields[];
}

const without = (fields: Fields, ...names: string[]): Fields =>
  Object.fromEntries(Object.entries(fields).filter(([name]) => !names.includes(name)));

/** Counts of seconds go on between two questions. */
const timeless = (neighbour: Fields): Fields => without(neighbour, 'used', 'confirmed', 'updated', 'refcnt', 'probes');

/** Timers run, and that the link below is down is what `ip` finds out by itself. */
function withoutTimers(link: Fields): Fields {
  const text = JSON.stringify(link, (name, value: unknown) => (name.endsWith('_timer') ? 0 : value));
  const parsed = JSON.parse(text) as Fields;
  return { ...parsed, flags: (parsed['flags'] as string[]).filter((flag) => flag !== 'M-DOWN') };
}

/** As iproute2 tells it. */
export function seenByIp(sandbox: Sandbox): Snapshot {
  const both = (...args: string[]): Fields[] => [...sandbox.ip(...args), ...sandbox.ip('-6', ...args)];
  return {
    links: sandbox.ip('link').map(withoutTimers),
    addresses: order(sandbox.ip('addr').flatMap(({ addr_info }) => addr_info as Fields[])),
    routes: sandbox.ip('route', 'show', 'table', 'all'),
    rules: both('rule'),
    neighbours: sandbox.ip('-s', 'neigh', 'show', 'nud', 'all').map(timeless),
    fdb: sandbox.bridge('fdb'),
  };
}

/** As this library tells it. */
export function seenByUs({ nl }: Sandbox): Snapshot {
  const plain = (fields: Fields): Fields => JSON.parse(JSON.stringify(fields)) as Fields;
  return {
    links: nl.links.list().map(linkAsIp).map(withoutTimers),
    addresses: order(nl.addresses.list().map(addressAsIp).map(plain)),
    routes: nl.routes.list({ table: 'all' }).map(routeAsIp).map(plain),
    rules: nl.rules.list().map(ruleAsIp).map(plain),
    neighbours: nl.neighbours.list().map(neighbourAsIp).map(timeless),
    fdb: nl.fdb.list().map(fdbAsBridge).map(plain),
  };
}

/** `ip` groups by link, and which of two that came up at once is first is chance. */
const order = (list: readonly Fields[]): Fields[] => [...list].sort((a, b) => (key(a) < key(b) ? -1 : 1));

const key = (fields: Fields): string => JSON.stringify(Object.entries(fields).sort(([a], [b]) => (a < b ? -1 : 1)));

const MAC = /\b(?:[0-9a-f]{1,2}:){5}[0-9a-f]{1,2}\b/g;
const LINK_LOCAL = /fe80::[0-9a-f:]+/g;

/** What two namespaces cannot have in common: addresses that the kernel made up. */
export function withoutChance(snapshot: Snapshot): Snapshot {
  const kept = (fields: Fields): boolean => !/(33:33:ff|fe80::|"ff02::)/.test(JSON.stringify(fields));
  const filtered = Object.fromEntries(
    Object.entries(snapshot).map(([name, list]) => [name, name === 'links' ? list : (list as Fields[]).filter(kept)]),
  );
  const fixed = (mac: string): string =>
    mac.startsWith('02:') ||
    mac.startsWith('01:') ||
    mac.startsWith('33:') ||
    mac.startsWith('ff:') ||
    mac.startsWith('00:')
      ? mac
      : 'random';
  const text = JSON.stringify(filtered).replace(MAC, fixed).replace(LINK_LOCAL, 'fe80::random');
  const parsed = JSON.parse(text) as Snapshot;
  return {
    ...parsed,
    addresses: order(parsed.addresses.map((address) => without(address, 'tentative'))),
    routes: order(parsed.routes),
    neighbours: order(parsed.neighbours),
    fdb: order(parsed.fdb),
  };
}
