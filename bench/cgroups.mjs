#!/usr/bin/env node
/**
 * Measures @nsinit/cgroups: making a group with limits, putting a process in and removing it, beside the same system
 * calls alone; and reading its statistics, beside a plain loop of reads of the same files and, where it is installed and
 * agrees to work, `runc events --stats` as a process. Needs root.
 *
 *   node bench/cgroups.mjs            some seconds
 *   node bench/cgroups.mjs --quick    a few rounds
 *   node scripts/vm.mjs run node bench/cgroups.mjs     cgroup v2 alone, in an emulated machine
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs, { mkdirSync, mkdtempSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { release, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createManager, detectLayout, statsToJson } from '@nsinit/cgroups';
import { isRoot, root, run, which } from '../scripts/lib/workspace.mjs';
import { buildBusyboxRootfs } from '../scripts/rootfs.mjs';
import { runtime, writeBundle } from './lib/peers.mjs';
import { figures, quantile, table } from './lib/stats.mjs';
import { Timer } from './lib/worker.mjs';

const quick = process.argv.includes('--quick');
const ROUNDS = quick ? 10 : 100;
const READS = quick ? 200 : 2000;
const PROCESSES = quick ? 5 : 40;

if (!isRoot) {
  console.error('bench: making control groups needs root; run it with sudo');
  process.exit(1);
}

const layout = detectLayout();
const hierarchies = [...layout.v1, ...(layout.v2 ? [layout.v2] : [])];
const limits = { memory: 64 << 20, pidsLimit: 100, cpuShares: 512 };
let sequence = 0;
const newName = () => `nsinit-bench-${process.pid}-${sequence++}`;

const now = () => Number(process.hrtime.bigint());

/** A process to put into a group. */
async function sleeper() {
  const child = spawn('sleep', ['1000'], { stdio: 'ignore' });
  await once(child, 'spawn');
  return child;
}

async function end(child) {
  const exit = once(child, 'exit');
  child.kill('SIGKILL');
  await exit;
}

/** Nanoseconds of making a group and putting a process in, and of removing it. */
async function ours(resources, only) {
  const child = await sleeper();
  const begin = now();
  const manager = await createManager({ path: `/${newName()}`, resources, ...(only && { layout: only }) });
  await manager.apply(child.pid);
  const applied = now() - begin;
  await end(child);
  const destroying = now();
  await manager.destroy();
  return { applied, destroyed: now() - destroying };
}

/** Nanoseconds of each system call of the kernel's part, by hierarchy: what nobody can do without. */
const parts = new Map();

function timed(key, body) {
  const begin = now();
  body();
  const took = now() - begin;
  parts.set(key, [...(parts.get(key) ?? []), took]);
}

async function floor() {
  const child = await sleeper();
  const name = newName();
  const begin = now();
  for (const { mountPoint, controllers, version } of hierarchies) {
    const what = version === 2 ? 'cgroup2' : controllers.join();
    const path = `${mountPoint}/${name}`;
    timed(`${what} mkdir`, () => mkdirSync(path));
    if (controllers.includes('cpuset') && version === 1) {
      writeFileSync(`${path}/cpuset.cpus`, fs.readFileSync(`${mountPoint}/cpuset.cpus`));
      writeFileSync(`${path}/cpuset.mems`, fs.readFileSync(`${mountPoint}/cpuset.mems`));
    }
    timed(`${what} procs`, () => writeFileSync(`${path}/cgroup.procs`, String(child.pid)));
  }
  const applied = now() - begin;
  await end(child);
  const destroying = now();
  for (const { mountPoint, controllers, version } of hierarchies) {
    const what = version === 2 ? 'cgroup2' : controllers.join();
    timed(`${what} rmdir`, () => rmdirSync(`${mountPoint}/${name}`));
  }
  return { applied, destroyed: now() - destroying };
}

async function measureLife() {
  // Nine hierarchies of v1 cost what they cost; two of them are what a caller of the package may ask for alone.
  const some = {
    ...layout,
    v1: layout.v1.filter(({ controllers }) => controllers.some((name) => ['memory', 'pids', 'freezer'].includes(name))),
  };
  const subjects = [
    { name: 'floor: mkdir, cgroup.procs, rmdir', measure: floor },
    { name: 'no limit', measure: () => ours({}) },
    { name: 'memory, pids and shares limited', measure: () => ours(limits) },
    ...(layout.v1.length > 3
      ? [
          {
            name: `${some.v1.length + (some.v2 ? 1 : 0)} hierarchies of ${hierarchies.length}, memory and pids limited`,
            measure: () => ours({ memory: limits.memory, pidsLimit: limits.pidsLimit }, some),
          },
        ]
      : []),
  ];
  const samples = subjects.map(() => ({ applied: [], destroyed: [], both: [] }));
  for (let round = -5; round < ROUNDS; round += 1) {
    for (let i = 0; i < subjects.length; i += 1) {
      const at = (i + round + 5) % subjects.length;
      const { applied, destroyed } = await subjects[at].measure();
      if (round < 0) continue;
      samples[at].applied.push(applied);
      samples[at].destroyed.push(destroyed);
      samples[at].both.push(applied + destroyed);
    }
  }
  return subjects.map(({ name }, i) => ({
    name,
    applied: figures(samples[i].applied),
    destroyed: figures(samples[i].destroyed),
    both: figures(samples[i].both),
  }));
}

/** The files that one reading of the statistics opens. */
function filesOf(read) {
  const opened = [];
  const { openSync } = fs;
  fs.openSync = (path, ...rest) => {
    opened.push(path);
    return openSync(path, ...rest);
  };
  syncBuiltinESMExports();
  try {
    read();
  } finally {
    fs.openSync = openSync;
    syncBuiltinESMExports();
  }
  return opened.filter((path) => fs.existsSync(path));
}

const buffer = Buffer.allocUnsafe(1 << 16);

function readAll(files) {
  for (const file of files) {
    const fd = fs.openSync(file, 'r');
    fs.readSync(fd, buffer, 0, buffer.length, null);
    fs.closeSync(fd);
  }
}

function perSecond(read) {
  const samples = [];
  for (let i = -50; i < READS; i += 1) {
    const begin = now();
    read();
    if (i >= 0) samples.push(now() - begin);
  }
  return samples;
}

/** Milliseconds of `runc events --stats` of a container that sleeps. */
async function runcEvents(work) {
  if (!which('runc') || !which('gcc')) return undefined;
  const rootfs = buildBusyboxRootfs(join(work, 'rootfs'));
  const bundle = writeBundle(join(work, 'bundle'), rootfs, ['/bin/sleep', '100000']);
  const program = join(work, 'timer');
  run('gcc', ['-O2', '-Wall', '-Wextra', '-o', program, join(root, 'bench', 'timer.c')]);
  const timer = new Timer('timer', program, []);
  const runc = runtime('runc', join(work, 'runc'));
  const id = newName();
  try {
    await timer.time(runc.detached(bundle, id));
    const samples = [];
    for (let i = -2; i < PROCESSES; i += 1) {
      const took = await timer.time(['runc', '--root', join(work, 'runc'), 'events', '--stats', id]);
      if (i >= 0) samples.push(took);
    }
    return samples;
  } finally {
    await timer.time(runc.delete(id));
    await timer.close();
  }
}

async function measureStats(work) {
  const child = await sleeper();
  const manager = await createManager({ path: `/${newName()}`, resources: limits });
  try {
    await manager.apply(child.pid);
    const files = filesOf(() => manager.stats());
    const subjects = [
      { name: `floor: open, read, close ${files.length} files`, samples: perSecond(() => readAll(files)) },
      { name: 'stats()', samples: perSecond(() => manager.stats()) },
      { name: 'stats() as JSON', samples: perSecond(() => statsToJson(manager.stats())) },
    ];
    const runc = await runcEvents(work);
    if (runc) subjects.push({ name: 'runc events --stats (process)', samples: runc });
    return subjects.map(({ name, samples }) => ({
      name,
      perSecond: Math.round(1e9 / quantile(samples, 0.5)),
      ...figures(samples),
    }));
  } finally {
    await end(child);
    await manager.destroy();
  }
}

const ms = (value) => value.toFixed(3);
const work = mkdtempSync(join(tmpdir(), 'nsinit-bench-'));
try {
  const life = await measureLife();
  const [base] = life;
  console.log(`\nLinux ${release()}, cgroups ${layout.kind}, ${hierarchies.length} hierarchies\n`);
  console.log(
    table([
      ['milliseconds, median', 'apply', 'destroy', 'both', 'p90', '÷ floor'],
      ...life.map(({ name, applied, destroyed, both }) => [
        name,
        ...[applied.medianMs, destroyed.medianMs, both.medianMs, both.p90Ms].map(ms),
        `${(both.medianMs / base.both.medianMs).toFixed(2)} ×`,
      ]),
    ]),
  );
  const calls = [...parts].map(([name, samples]) => ({ name, ...figures(samples) }));
  console.log('\nWhere the floor goes\n');
  console.log(
    table([
      ['milliseconds', 'median', 'p90'],
      ...calls.map(({ name, medianMs, p90Ms }) => [name, ms(medianMs), ms(p90Ms)]),
    ]),
  );
  const stats = await measureStats(work);
  console.log('\nStatistics\n');
  console.log(
    table([
      ['', 'reads a second', 'ms, median', 'p90', '÷ floor'],
      ...stats.map(({ name, perSecond: rate, medianMs, p90Ms }) => [
        name,
        String(rate),
        ms(medianMs),
        ms(p90Ms),
        `${(medianMs / stats[0].medianMs).toFixed(2)} ×`,
      ]),
    ]),
  );
  const results = { kernel: release(), layout: layout.kind, hierarchies: hierarchies.length, life, calls, stats };
  const dir = join(root, 'bench', 'results');
  mkdirSync(dir, { recursive: true });
  const file = join(dir, `cgroups-${new Date().toISOString().replaceAll(':', '')}.json`);
  writeFileSync(file, `${JSON.stringify(results, undefined, 2)}\n`);
  console.log(`\nwritten to ${file.slice(root.length + 1)}`);
} finally {
  rmSync(work, { recursive: true });
}
