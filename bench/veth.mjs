#!/usr/bin/env node
/**
 * Measures what a veth on a bridge adds to a start: by the library, and by crun and runc with `ip` beside them.
 *
 *   node bench/veth.mjs [ROUNDS]      20 rounds when not given; needs root, gcc, ip, unshare, crun and runc
 *
 * Everything happens in network and mount namespaces of its own. Each round makes one measurement of each subject, in an
 * order that turns.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Netlink } from '@nsinit/netlink';
import { root, run } from '../scripts/lib/workspace.mjs';
import { buildBusyboxRootfs } from '../scripts/rootfs.mjs';
import { runtime, withoutUnifiedHierarchy, writeBundle } from './lib/peers.mjs';
import { figures, table } from './lib/stats.mjs';
import { Timer, Worker } from './lib/worker.mjs';

const INSIDE = '--inside';
if (process.argv[2] !== INSIDE) {
  const words = ['--net', '--mount', '--propagation', 'private', process.execPath, process.argv[1], INSIDE];
  const { status, error } = spawnSync('unshare', [...words, ...process.argv.slice(2)], { stdio: 'inherit' });
  if (error) throw error;
  process.exit(status ?? 1);
}

const ROUNDS = Number(process.argv[3] ?? 20);
const WARM_UP = 3;
const { NODE_EXTRA_CA_CERTS: _, ...env } = process.env;
const work = mkdtempSync(join(tmpdir(), 'nsinit-bench-'));
const rootfs = buildBusyboxRootfs(join(work, 'rootfs'));

/** Runs the command behind it with a namespace that has the same interface as the library's container. */
const script = join(work, 'with-veth.sh');
writeFileSync(
  script,
  `set -e
ip netns add bench
ip -batch - <<END
link add vbench type veth peer name eth0 netns bench
link set vbench master br0 up
END
ip -n bench -batch - <<END
link set lo up
addr add 10.0.0.2/24 dev eth0
link set eth0 up
route add default via 10.0.0.1
END
"$@"
ip link del vbench
ip netns del bench
`,
);

const bare = writeBundle(join(work, 'bare'), rootfs, ['/bin/true']);
const networked = writeBundle(join(work, 'networked'), rootfs, ['/bin/true']);
const config = JSON.parse(readFileSync(join(networked, 'config.json'), 'utf8'));
for (const namespace of config.linux.namespaces) if (namespace.type === 'network') namespace.path = '/run/netns/bench';
writeFileSync(join(networked, 'config.json'), JSON.stringify(config));

const timerProgram = join(work, 'timer');
run('gcc', ['-O2', '-Wall', '-Wextra', '-o', timerProgram, join(root, 'bench', 'timer.c')]);

const nl = new Netlink();
nl.links.set('lo', { up: true });
nl.links.add({ kind: 'bridge', ifname: 'br0', up: true });
nl.addresses.add({ dev: 'br0', local: '10.0.0.1/24' });

const [crunTimer, ...crunTimerArgs] = withoutUnifiedHierarchy([timerProgram]);
const timers = [
  {
    name: 'crun',
    timer: new Timer('timer for crun', crunTimer, crunTimerArgs, { env }),
    options: ['--cgroup-manager=disabled'],
  },
  { name: 'runc', timer: new Timer('timer', timerProgram, [], { env }), options: [] },
];
const library = new Worker(
  'library',
  process.execPath,
  [join(root, 'bench', 'library.mjs'), rootfs, join(work, 'state')],
  {
    env,
  },
);
const ask = (command) => async () => Number(await library.ask(command));
const subjects = [
  { name: 'libcontainer, until the exit', without: ask('start'), with: ask('networked') },
  { name: 'libcontainer, until destroyed', without: ask('all'), with: ask('networkedAll') },
  ...timers.map(({ name, timer, options }) => {
    const start = runtime(name, join(work, name), options).run;
    return {
      name: `${name} run`,
      without: () => timer.time(start(bare)),
      with: () => timer.time(['sh', script, ...start(networked)]),
    };
  }),
];

const measurements = subjects.flatMap(({ name, ...ways }) =>
  ['without', 'with'].map((way) => ({ name, way, measure: ways[way], samples: [] })),
);
try {
  for (let round = -WARM_UP; round < ROUNDS; round++)
    for (let i = 0; i < measurements.length; i++) {
      const one = measurements[(i + round + WARM_UP) % measurements.length];
      const ns = await one.measure();
      if (round >= 0) one.samples.push(ns);
    }
  const of = (name, way) => figures(measurements.find((one) => one.name === name && one.way === way).samples);
  const rows = subjects.map(({ name }) => {
    const [without, withVeth] = [of(name, 'without'), of(name, 'with')];
    const ms = (value) => value.toFixed(2);
    return [
      name,
      ms(without.medianMs),
      ms(withVeth.medianMs),
      ms(withVeth.medianMs - without.medianMs),
      ms(without.minMs),
      ms(withVeth.minMs),
      `${(withVeth.medianMs / without.medianMs).toFixed(2)} ×`,
    ];
  });
  console.log(`\nmedians and minima of ${ROUNDS} rounds\n`);
  console.log(table([['milliseconds', 'without', 'with veth', 'added', 'min without', 'min with', 'ratio'], ...rows]));
} finally {
  for (const { timer } of timers) await timer.close();
  await library.close();
  nl.close();
  rmSync(work, { recursive: true });
}
