import { describe, expect, it } from 'vitest';
import { toAddress } from './address/compile.ts';
import { toLink } from './link/present.ts';
import { addressMessage } from './messages/address.ts';
import { linkMessage } from './messages/link.ts';
import { neighbourMessage } from './messages/neighbour.ts';
import { qdiscMessage } from './messages/qdisc.ts';
import { routeMessage } from './messages/route.ts';
import { ruleMessage } from './messages/rule.ts';
import { toFdbEntry, toNeighbour } from './neighbour/neighbour.ts';
import { toQdisc } from './qdisc/qdiscs.ts';
import { toRoute } from './route/present.ts';
import { toRule } from './rule/rules.ts';
import { addressAsIp, fdbAsBridge, linkAsIp, neighbourAsIp, routeAsIp, ruleAsIp } from './testing/as-ip.ts';
import { recorded } from './testing/fixtures.ts';
import type { AttributeTable } from './wire/codec.ts';
import { decodePayload, type Message, type MessageLayout } from './wire/message.ts';

// What a kernel sent, decoded here, beside what iproute2 made of the same state: no kernel is asked.

type Fields = Record<string, unknown>;

function decoded<H, T extends AttributeTable>(name: string, layout: MessageLayout<H, T>): Message<H, T>[] {
  return recorded(name).messages.map((message) => decodePayload(layout, message.subarray(16)));
}

const links = decoded('link', linkMessage);
const known = new Map(links.map(({ header, attributes }) => [header.index, attributes.ifname!]));
const names = { nameOf: (index: number): string => known.get(index) ?? `if${index}` };

const order = (list: readonly Fields[]): Fields[] =>
  list.map((entry) => JSON.parse(JSON.stringify(entry)) as Fields).sort((a, b) => (key(a) < key(b) ? -1 : 1));
const key = (fields: Fields): string => JSON.stringify(Object.entries(fields).sort(([a], [b]) => (a < b ? -1 : 1)));

const without = (fields: Fields, ...left: string[]): Fields =>
  Object.fromEntries(Object.entries(fields).filter(([name]) => !left.includes(name)));

const comparisons: Readonly<Record<string, () => readonly Fields[]>> = {
  link: () => links.map((message) => linkAsIp(toLink(message, names))),
  address: () => decoded('address', addressMessage).map((message) => addressAsIp(toAddress(message, names))),
  route: () => decoded('route', routeMessage).map((message) => routeAsIp(toRoute(message, names))),
  rule: () => decoded('rule', ruleMessage).map((message) => ruleAsIp(toRule(message))),
  neighbour: () => decoded('neighbour', neighbourMessage).map((message) => neighbourAsIp(toNeighbour(message, names))),
  fdb: () => decoded('fdb', neighbourMessage).map((message) => fdbAsBridge(toFdbEntry(message, names))),
};

/** What goes on while one program asks after the other, and what `ip` finds out by itself. */
function settled(entry: Fields): Fields {
  const text = JSON.stringify(entry, (name, value: unknown) =>
    /_timer$|^(used|confirmed|updated|refcnt)$/.test(name) ? 0 : value,
  );
  const fields = JSON.parse(text) as Fields;
  const { flags } = fields;
  return Array.isArray(flags) ? { ...fields, flags: flags.filter((flag) => flag !== 'M-DOWN') } : fields;
}

describe.each(Object.entries(comparisons))('%s', (name, ours) => {
  it('is what iproute2 says', () => {
    const drop = (entry: Fields): Fields => (name === 'neighbour' ? without(entry, 'refcnt') : entry);
    expect(order(ours().map(settled).map(drop))).toEqual(order(recorded(name).ip.map(settled).map(drop)));
  });
});

it('queueing disciplines with their options', () => {
  const found = decoded('qdisc', qdiscMessage).map((message) => toQdisc(message, names));
  expect(found.find(({ dev }) => dev === 'v0')).toEqual({
    ifindex: expect.any(Number),
    dev: 'v0',
    kind: 'tbf',
    handle: '1:',
    root: true,
    refcnt: expect.any(Number),
    options: { rate: 125_000, burst: 32_768, limit: 39_018, lat: 50_000 },
  });
  expect(found.find(({ dev }) => dev === 'v1')?.options).toMatchObject({ default: 0x20, r2q: 10 });
});

it('keeps what has no name, out of the way', () => {
  const link = toLink(links[0]!, names);
  expect(link.unknown?.length).toBeGreaterThan(0);
  expect(Object.keys(link)).not.toContain('unknown');
});
