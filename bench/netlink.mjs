#!/usr/bin/env node
/**
 * Measures @nsinit/netlink beside iproute2: `ip -batch`, which does many changes in one process, and an `ip` for each.
 *
 *   node bench/netlink.mjs [ROUNDS]      5 rounds when not given; needs root, ip and nsenter
 *
 * Everything happens in a network namespace of its own. The ways take turns within a round, and each begins and ends
 * with the same state. Times are of the whole: for the programs from their start to their end, with their output parsed.
 */
import { spawnSync } from 'node:child_process';
import { Netlink, NetworkNamespace } from '@nsinit/netlink';
import { figures, table } from './lib/stats.mjs';

const ROUNDS = Number(process.argv[2] ?? 5);
const LINKS = 1000;
const ADDRESSES = 1000;
const ROUTES = 10_000;
/** A process for each takes so long that some of them must stand for all. */
const SPAWNS = 50;

const ns = NetworkNamespace.create();
const nl = new Netlink({ netns: ns });

function ip(args, input) {
  const words = [`--net=/proc/${process.pid}/fd/${ns.fd}`, 'ip', ...args];
  const result = spawnSync('nsenter', words, { input, encoding: 'utf8', maxBuffer: 1 << 28 });
  if (result.error) throw result.error;
  if (result.status !== 0) throw new Error(`ip ${args.join(' ')}: ${result.stderr}`);
  return result.stdout;
}

/** The same as in a shell of that namespace: without nsenter, whose own start is not ip's. */
function spawnIp(line) {
  const result = ns.run(() => spawnSync('ip', line.split(' '), { encoding: 'utf8' }));
  if (result.error) throw result.error;
  if (result.status !== 0) throw new Error(`ip ${line}: ${result.stderr}`);
}

function batchIp(lines) {
  const result = ns.run(() => spawnSync('ip', ['-batch', '-'], { input: `${lines.join('\n')}\n`, encoding: 'utf8' }));
  if (result.error) throw result.error;
  if (result.status !== 0) throw new Error(`ip -batch: ${result.stderr}`);
}

const numbers = (count) => Array.from({ length: count }, (_, i) => i);
const link = (i) => `i${i}`;
const address = (i) => `10.1.${i >> 8}.${i & 255}/32`;
const route = (i) => `10.${100 + (i >> 8)}.${i & 255}.0/24`;

function batch(count, change) {
  const results = nl.batch((b) => {
    for (let i = 0; i < count; i++) change(b, i);
  });
  const failure = results.find(({ ok }) => !ok);
  if (failure) throw failure.error;
}

/** One by one: each change is its own system call and answer. */
function singly(count, change) {
  for (let i = 0; i < count; i++) change(nl, i);
}

const changes = {
  [`create ${LINKS} links`]: {
    count: LINKS,
    ours: (on, i) => on.links.add({ kind: 'ifb', ifname: link(i) }),
    ip: (i) => `link add ${link(i)} type ifb`,
  },
  [`delete ${LINKS} links`]: {
    count: LINKS,
    ours: (on, i) => on.links.delete(link(i)),
    ip: (i) => `link del ${link(i)}`,
  },
  [`add ${ADDRESSES} addresses`]: {
    count: ADDRESSES,
    ours: (on, i) => on.addresses.add({ dev: 'eth0', local: address(i) }),
    ip: (i) => `addr add ${address(i)} dev eth0`,
  },
  [`delete ${ADDRESSES} addresses`]: {
    count: ADDRESSES,
    ours: (on, i) => on.addresses.delete({ dev: 'eth0', local: address(i) }),
    ip: (i) => `addr del ${address(i)} dev eth0`,
  },
  [`add ${ROUTES} routes`]: {
    count: ROUTES,
    ours: (on, i) => on.routes.add({ dst: route(i), gateway: '10.0.0.2' }),
    ip: (i) => `route add ${route(i)} via 10.0.0.2`,
  },
  [`dump ${ROUTES} routes`]: {
    dump: true,
    ours: () => nl.routes.list({ family: 'inet' }).length,
    ip: () => JSON.parse(ns.run(() => spawnSync('ip', ['-j', 'route'], { maxBuffer: 1 << 28 })).stdout).length,
  },
  [`delete ${ROUTES} routes`]: {
    count: ROUTES,
    ours: (on, i) => on.routes.delete({ dst: route(i) }),
    ip: (i) => `route del ${route(i)}`,
  },
};

function time(call) {
  const begin = process.hrtime.bigint();
  call();
  return Number(process.hrtime.bigint() - begin);
}

const ways = {
  batch: (change) => time(() => (change.dump ? change.ours() : batch(change.count, change.ours))),
  singly: (change) => time(() => (change.dump ? change.ours() : singly(change.count, change.ours))),
  'ip -batch': (change) => time(() => (change.dump ? change.ip() : batchIp(numbers(change.count).map(change.ip)))),
};

const samples = new Map();
const note = (name, way, ns) => {
  const key = `${name}\0${way}`;
  samples.set(key, [...(samples.get(key) ?? []), ns]);
};

/** What an `ip` for each would take, from some of them. */
function measureSpawns() {
  for (const [name, change] of Object.entries(changes)) {
    if (change.dump) continue;
    const spent = time(() => {
      for (let i = 0; i < SPAWNS; i++) spawnIp(change.ip(i));
    });
    note(name, 'ip for each', (spent / SPAWNS) * change.count);
  }
}

try {
  ip(['link', 'set', 'lo', 'up']);
  nl.links.add({ kind: 'veth', ifname: 'eth0', up: true, peer: { ifname: 'peer' } });
  nl.links.set('peer', { up: true });
  nl.addresses.add({ dev: 'eth0', local: '10.0.0.1/24' });
  for (let round = 0; round < ROUNDS; round++) {
    const order = Object.entries(ways);
    // Whoever goes first finds other caches than who goes last.
    for (const [way, measure] of [...order.slice(round % order.length), ...order.slice(0, round % order.length)]) {
      for (const [name, change] of Object.entries(changes)) note(name, way, measure(change));
    }
    measureSpawns();
  }
} finally {
  nl.close();
  ns.close();
}

const names = [...Object.keys(ways), 'ip for each'];
const cell = (name, way) => {
  const found = samples.get(`${name}\0${way}`);
  return found ? figures(found).medianMs.toFixed(1) : '-';
};
console.log(`medians of ${ROUNDS} rounds in ms; "ip for each" is computed from ${SPAWNS}`);
console.log(
  table([['', ...names], ...Object.keys(changes).map((name) => [name, ...names.map((way) => cell(name, way))])]),
);
