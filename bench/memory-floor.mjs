#!/usr/bin/env node
/**
 * Finds by bisection the smallest memory limit under which a container starts, runs /bin/true and ends with 0: for
 * libcontainer, crun and runc. Needs root.
 *
 *   node bench/memory-floor.mjs
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { release, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createFactory, Process, template } from '@nsinit/libcontainer';
import { isRoot, readJson, root, which } from '../scripts/lib/workspace.mjs';
import { buildBusyboxRootfs } from '../scripts/rootfs.mjs';
import { ENVIRONMENT, withoutUnifiedHierarchy, writeBundle } from './lib/peers.mjs';
import { table } from './lib/stats.mjs';

/** In KiB: the kernel counts pages. */
const PAGE = 4;
const HIGHEST = 64 * 1024;
/** A limit counts when this many starts in a row go well under it. */
const REPEATS = 5;
const LATE_MS = 10_000;

if (!isRoot) {
  console.error('bench: making containers needs root; run it with sudo');
  process.exit(1);
}

const work = mkdtempSync(join(tmpdir(), 'nsinit-bench-'));
const rootfs = buildBusyboxRootfs(join(work, 'rootfs'));
const factory = await createFactory(join(work, 'libcontainer'));
let sequence = 0;
const newName = () => `nsinit_floor_${process.pid}_${sequence++}`;

/** Why the start failed, or undefined. */
async function ours(kib) {
  const id = newName();
  const config = template({ rootfs });
  const container = await factory.create(id, {
    ...config,
    cgroups: { ...config.cgroups, name: id, memory: kib * 1024, memorySwap: kib * 1024 },
  });
  try {
    const own = new Process({ args: ['/bin/true'], env: ENVIRONMENT });
    await container.start(own);
    const { exitCode, signal } = await own.wait({ signal: AbortSignal.timeout(LATE_MS) });
    return exitCode === 0 ? undefined : `/bin/true ended with ${signal ?? exitCode}`;
  } catch (error) {
    return error.message;
  } finally {
    await container.destroy();
  }
}

function peer(name) {
  return (kib) => {
    const bundle = writeBundle(join(work, name), rootfs, ['/bin/true']);
    const config = readJson(join(bundle, 'config.json'));
    config.linux.resources.memory = { limit: kib * 1024, swap: kib * 1024 };
    const id = newName();
    config.linux.cgroupsPath = `/${id}`;
    writeFileSync(join(bundle, 'config.json'), JSON.stringify(config));
    const state = join(work, `${name}-state`);
    const words = [name, '--root', state];
    const command = [...words, 'run', '--bundle', bundle, id];
    const [program, ...args] = name === 'crun' ? withoutUnifiedHierarchy(command) : command;
    const { status, stderr } = spawnSync(program, args, { encoding: 'utf8', timeout: LATE_MS });
    if (status === 0) return undefined;
    const [again, ...rest] = [...words, 'delete', '--force', id];
    const [deleter, ...deletes] = name === 'crun' ? withoutUnifiedHierarchy([again, ...rest]) : [again, ...rest];
    spawnSync(deleter, deletes, { timeout: LATE_MS });
    return stderr.trim().split('\n').at(-1) || `ended with ${status}`;
  };
}

async function holds(start, kib) {
  for (let i = 0; i < REPEATS; i += 1) {
    const why = await start(kib);
    if (why) return why;
  }
  return undefined;
}

/** The smallest limit that holds, and what is said one page below it. */
async function bisect(start) {
  const first = await holds(start, HIGHEST);
  if (first) throw new Error(`does not start under ${HIGHEST} KiB: ${first}`);
  let low = 0;
  let high = HIGHEST;
  let below = '';
  while (high - low > PAGE) {
    const middle = Math.round((low + high) / 2 / PAGE) * PAGE;
    const why = await holds(start, middle);
    if (why) {
      low = middle;
      below = why;
    } else high = middle;
  }
  return { floorKib: high, below };
}

try {
  const subjects = [{ name: 'libcontainer', start: ours }];
  for (const name of ['crun', 'runc']) if (which(name)) subjects.push({ name, start: peer(name) });
  const results = [];
  for (const { name, start } of subjects) results.push({ name, ...(await bisect(start)) });
  console.log(`\nLinux ${release()}: the smallest memory limit under which a container starts\n`);
  console.log(table([['', 'KiB'], ...results.map(({ name, floorKib }) => [name, String(floorKib)])]));
  console.log('\nand what is said below that\n');
  for (const { name, below } of results) console.log(`${name}: ${below}`);
  const dir = join(root, 'bench', 'results');
  mkdirSync(dir, { recursive: true });
  const file = join(dir, `memory-floor-${new Date().toISOString().replaceAll(':', '')}.json`);
  writeFileSync(file, `${JSON.stringify({ kernel: release(), results }, undefined, 2)}\n`);
  console.log(`\nwritten to ${file.slice(root.length + 1)}`);
} finally {
  rmSync(work, { recursive: true });
}
