#!/usr/bin/env node
/**
 * Measures starts side by side: every round makes one measurement of each subject, in an order that turns, so that a
 * slow moment of the machine falls on all of them. Needs root, gcc, runc and crun: `npm run bench` installs them.
 *
 *   node bench/run.mjs            some minutes
 *   node bench/run.mjs --quick    a few rounds, to see whether everything works
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, release, tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeConfig, template } from '@nsinit/config';
import { capture, isRoot, readJson, root, run } from '../scripts/lib/workspace.mjs';
import { buildBusyboxRootfs } from '../scripts/rootfs.mjs';
import { interleave, print } from './lib/interleave.mjs';
import { runtime, withoutUnifiedHierarchy, writeBundle } from './lib/peers.mjs';
import { Timer, Worker } from './lib/worker.mjs';

const quick = process.argv.includes('--quick');
const TOGETHER = 50;
/** Rounds that are counted; the warm-up rounds before them are not. */
const ROUNDS = quick ? { start: 5, exec: 5, together: 2, cli: 5 } : { start: 60, exec: 60, together: 8, cli: 40 };
const WARM_UP = quick ? 3 : 20;

// Reading a certificate bundle costs every Node process tens of milliseconds that have nothing to do with us.
const { NODE_EXTRA_CA_CERTS: _, ...environment } = process.env;

const work = mkdtempSync(join(tmpdir(), 'nsinit-bench-'));

function compile(name) {
  const program = join(work, name);
  run('gcc', ['-O2', '-Wall', '-Wextra', '-o', program, join(root, 'bench', `${name}.c`)]);
  return program;
}

if (!isRoot) {
  console.error('bench: making containers needs root; run it with sudo');
  process.exit(1);
}

const rootfs = buildBusyboxRootfs(join(work, 'rootfs'));
// For the command line: the template without its control group, as for the library.
const { cgroups: __, ...config } = template({ rootfs });
writeFileSync(join(rootfs, 'container.json'), encodeConfig(config));
const oneShot = writeBundle(join(work, 'true'), rootfs, ['/bin/true']);
const lasting = writeBundle(join(work, 'sleep'), rootfs, ['/bin/sleep', '100000']);

const timerProgram = compile('timer');
const [crunTimer, ...crunTimerArgs] = withoutUnifiedHierarchy([timerProgram]);
const plain = new Timer('timer', timerProgram, [], { env: environment });
const private_ = new Timer('timer for crun', crunTimer, crunTimerArgs, { env: environment });
const inRootfs = new Timer('timer in the root file system', timerProgram, [], { env: environment, cwd: rootfs });
const floor = new Worker('floor', compile('floor'), [rootfs]);
const library = new Worker(
  'library',
  process.execPath,
  [join(root, 'bench', 'library.mjs'), rootfs, join(work, 'libcontainer')],
  { env: environment },
);

// crun is measured with control groups, as it runs by default and as runc always does, and without, as we start here.
const peers = [
  { timer: private_, ...runtime('crun', join(work, 'crun-bare'), ['--cgroup-manager=disabled']) },
  { timer: private_, ...runtime('crun', join(work, 'crun')) },
  { timer: plain, ...runtime('runc', join(work, 'runc')) },
];

const number = async (worker, line) => Number(await worker.ask(line));

async function measureStarts() {
  return interleave(
    [
      { name: 'floor (C)', measure: () => number(floor, '1') },
      { name: 'libcontainer', measure: () => number(library, 'start') },
      ...peers.map(({ name, timer, run: start }) => ({
        name: `${name} run`,
        measure: () => timer.time(start(oneShot)),
      })),
    ],
    ROUNDS.start,
    WARM_UP,
  );
}

async function measureTogether() {
  return interleave(
    [
      { name: 'floor (C)', measure: () => number(floor, `@${TOGETHER}`) },
      { name: 'libcontainer', measure: () => number(library, `together ${TOGETHER}`) },
      ...peers.map(({ name, timer, run: start }) => ({
        name: `${name} run`,
        measure: () => timer.time(start(oneShot), TOGETHER),
      })),
    ],
    ROUNDS.together,
    WARM_UP,
  );
}

async function measureExec() {
  // Control groups are named after the container, so two runtimes must not use the same name.
  const id = (peer) => `bench-lasting-${peers.indexOf(peer)}`;
  const started = [];
  try {
    for (const peer of peers) {
      started.push(peer);
      await peer.timer.time(peer.detached(lasting, id(peer)));
    }
    return await interleave(
      [
        { name: 'libcontainer', measure: () => number(library, 'exec') },
        ...peers.map((peer) => ({
          name: `${peer.name} exec`,
          measure: () => peer.timer.time(peer.exec(id(peer), ['/bin/true'])),
        })),
      ],
      ROUNDS.exec,
      WARM_UP,
    );
  } finally {
    for (const peer of started) await peer.timer.time(peer.delete(id(peer)));
  }
}

/** The command line as whole processes, beside a Node that does nothing. */
async function measureCommandLine() {
  const dir = join(root, 'packages', 'nsinit');
  const nsinit = [process.execPath, join(dir, readJson(join(dir, 'package.json')).bin.nsinit)];
  const state = ['--root', join(work, 'nsinit')];
  const commands = [
    ['node -e 0', [process.execPath, '-e', '0']],
    ['nsinit --version', [...nsinit, '--version']],
    ['nsinit exec /bin/true', [...nsinit, ...state, 'exec', '--id', 'bench_%', '/bin/true']],
  ];
  return interleave(
    commands.map(([name, command]) => ({ name, measure: () => inRootfs.time(command) })),
    ROUNDS.cli,
    WARM_UP,
  );
}

async function main() {
  const results = {
    date: new Date().toISOString(),
    machine: { kernel: release(), cpu: cpus()[0].model, cpus: cpus().length, node: process.version },
    peers: Object.fromEntries(['runc', 'crun'].map((name) => [name, capture(name, ['--version']).split('\n')[0]])),
    start: await measureStarts(),
    together: await measureTogether(),
    exec: await measureExec(),
    commandLine: await measureCommandLine(),
  };
  print('start to exit of /bin/true in a new container', results.start, 'floor (C)');
  print(`${TOGETHER} of them at once, from the first start to the last exit`, results.together, 'floor (C)');
  print('start to exit of /bin/true in a running container', results.exec, 'libcontainer');
  print('the command line, from its start to its exit', results.commandLine, 'node -e 0');
  const dir = join(root, 'bench', 'results');
  mkdirSync(dir, { recursive: true });
  const path = join(dir, `${results.date.replaceAll(':', '')}.json`);
  writeFileSync(path, `${JSON.stringify(results, undefined, 2)}\n`);
  console.log(`\nwritten to ${path.slice(root.length + 1)}`);
}

try {
  await main();
} finally {
  const workers = [plain, private_, inRootfs, floor, library];
  const ends = await Promise.allSettled(workers.map((worker) => worker.close()));
  for (const { reason } of ends.filter(({ status }) => status === 'rejected')) {
    console.error(`bench: ${reason.message}`);
    process.exitCode = 1;
  }
  rmSync(work, { recursive: true });
}
