#!/usr/bin/env node
/**
 * Measures checkpoint and restore beside runc's, with the same criu, of a container with a process of 64 MiB.
 *
 *   node bench/checkpoint.mjs [ROUNDS]      10 rounds when not given; needs root, cc, runc, and a criu that works here:
 *                                           the one of packages/criu/scripts/criu-setup.mjs
 *
 * The ways take turns within a round. Times are of the whole, from the call or the start of the program to its end; that
 * of `nsinit restore`, which stays, to its word that the process goes on. How long the process stood still is criu's own
 * count.
 */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeConfig, template } from '@nsinit/config';
import { readDumpStatistics } from '@nsinit/criu';
import { createFactory, Process } from '@nsinit/libcontainer';
import { readJson, root } from '../scripts/lib/workspace.mjs';
import { buildBusyboxRootfs } from '../scripts/rootfs.mjs';
import { writeBundle } from './lib/peers.mjs';
import { figures, table } from './lib/stats.mjs';

const ROUNDS = Number(process.argv[2] ?? 10);
const WARM_UP = 2;

const { NODE_EXTRA_CA_CERTS: _, ...environment } = process.env;
const work = mkdtempSync(join(tmpdir(), 'nsinit-bench-'));
const criu = execFileSync(process.execPath, [join(root, 'packages/criu/scripts/criu-setup.mjs')], {
  encoding: 'utf8',
}).trim();
const rootfs = buildBusyboxRootfs(join(work, 'rootfs'));

const source = join(work, 'memory.c');
writeFileSync(
  source,
  `#include <stdlib.h>
#include <string.h>
#include <unistd.h>
int main(void) { size_t size = 64 << 20; char *memory = malloc(size); memset(memory, 1, size); for (;;) { memory[0]++; usleep(10000); } }
`,
);
execFileSync('cc', ['-O1', '-static', '-o', join(rootfs, 'bin/memory'), source]);

// In the host's network, as runc has no way to tell criu that nobody sends anything to a container.
const { networks: __, ...all } = template({ rootfs });
const config = { ...all, namespaces: all.namespaces.filter(({ type }) => type !== 'NEWNET') };
writeFileSync(join(rootfs, 'container.json'), encodeConfig(config));
const bundle = writeBundle(join(work, 'bundle'), rootfs, ['/bin/memory']);
const oci = readJson(join(bundle, 'config.json'));
oci.linux.namespaces = oci.linux.namespaces.filter(({ type }) => type !== 'network');
writeFileSync(join(bundle, 'config.json'), JSON.stringify(oci));

let count = 0;
const fresh = () => {
  const dir = join(work, `run-${count++}`);
  mkdirSync(dir);
  return { dir, images: join(dir, 'images'), work: join(dir, 'work'), id: `bench_${process.pid}_${count}` };
};

async function timed(body) {
  const begin = process.hrtime.bigint();
  await body();
  return Number(process.hrtime.bigint() - begin);
}

const frozen = async (dir) => (await readDumpStatistics(dir)).frozenMicroseconds * 1000;

/** @param log where the command says what went wrong: a container would keep its streams. */
function command(program, args, log) {
  const { status } = spawnSync(program, args, { env: environment, stdio: 'ignore' });
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${readFileSync(log, 'utf8')}`);
}

/** Long enough for the process to have written all of its memory. */
const settle = () => new Promise((resolve) => setTimeout(resolve, 150));

const factory = await createFactory(join(work, 'state'), { criuPath: criu });

async function library() {
  const { images, work: workDirectory, id } = fresh();
  const container = await factory.create(id, config);
  try {
    await container.start(new Process({ args: ['/bin/memory'] }));
    await settle();
    const directories = { imagesDirectory: images, workDirectory };
    const dump = await timed(() => container.checkpoint(directories));
    const restore = await timed(() => container.restore(new Process({ args: [] }), directories));
    return { dump, restore, frozen: await frozen(workDirectory) };
  } finally {
    await container.destroy({ force: true });
  }
}

const nsinit = [join(root, 'packages/nsinit/dist/nsinit.cjs'), '--root', join(work, 'cli'), '--criu', criu];

/** Starts nsinit, and waits until a line of its standard error output matches. */
async function attached(args, pattern) {
  const child = spawn(process.execPath, [...nsinit, ...args], {
    cwd: rootfs,
    env: environment,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let text = '';
  for await (const chunk of child.stderr) {
    text += chunk;
    if (pattern === undefined || pattern.test(text)) break;
  }
  if (pattern !== undefined && !pattern.test(text)) throw new Error(`nsinit ${args.join(' ')}: ${text}`);
  return child;
}

async function cli() {
  const { images, work: workDirectory, id } = fresh();
  const places = ['--id', id, '--image-path', images, '--work-path', workDirectory];
  const log = join(work, 'nsinit.log');
  const first = spawn(process.execPath, [...nsinit, 'exec', '--id', id, '/bin/memory'], {
    cwd: rootfs,
    env: environment,
    stdio: 'ignore',
  });
  const ended = once(first, 'exit');
  await settle();
  await settle();
  const dump = await timed(() =>
    command(process.execPath, [...nsinit, '--log-file', log, 'checkpoint', ...places], log),
  );
  await ended;
  let child;
  const restore = await timed(async () => {
    child = await attached(['restore', ...places], /restore of/);
  });
  const over = once(child, 'exit');
  child.kill('SIGTERM');
  const container = await (await createFactory(join(work, 'cli'))).load(id);
  await container.destroy({ force: true });
  await over;
  return { dump, restore, frozen: await frozen(workDirectory) };
}

async function runc() {
  const { images, work: workDirectory, id } = fresh();
  const log = join(work, 'runc.log');
  const program = ['--root', join(work, 'runc'), '--criu', criu, '--log', log];
  const places = ['--image-path', images, '--work-path', workDirectory];
  command('runc', [...program, 'run', '--detach', '--bundle', bundle, id], log);
  try {
    await settle();
    const dump = await timed(() => command('runc', [...program, 'checkpoint', ...places, id], log));
    const restore = await timed(() =>
      command('runc', [...program, 'restore', '--detach', ...places, '--bundle', bundle, id], log),
    );
    return { dump, restore, frozen: await frozen(workDirectory) };
  } finally {
    command('runc', [...program, 'delete', '--force', id], log);
  }
}

const subjects = [
  { name: 'library', measure: library },
  { name: 'nsinit', measure: cli },
  { name: 'runc', measure: runc },
];
const samples = subjects.map(() => []);
try {
  for (let round = -WARM_UP; round < ROUNDS; round++)
    for (let i = 0; i < subjects.length; i++) {
      const at = (i + round + WARM_UP) % subjects.length;
      const sample = await subjects[at].measure();
      if (round >= 0) samples[at].push(sample);
    }
  for (const [what, title] of [
    ['frozen', 'frozen, as criu counts it'],
    ['dump', 'checkpoint, the whole'],
    ['restore', 'restore, the whole'],
  ]) {
    const results = samples.map((list) => figures(list.map((sample) => sample[what])));
    const base = results.at(-1).medianMs;
    const rows = results.map((result, i) => [
      subjects[i].name,
      ...[result.medianMs, result.p10Ms, result.p90Ms, result.minMs].map((value) => value.toFixed(1)),
      `${(result.medianMs / base).toFixed(2)} ×`,
    ]);
    console.log(`\n${title}\n`);
    console.log(table([['milliseconds', 'median', 'p10', 'p90', 'min', '÷ runc'], ...rows]));
  }
} finally {
  rmSync(work, { recursive: true });
}
process.exit();
