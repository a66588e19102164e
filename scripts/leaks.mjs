#!/usr/bin/env node
/**
 * What containers may leave behind on the host: processes, mounts, network interfaces, named network namespaces,
 * control groups, state directories and temporary files.
 *
 *   node scripts/leaks.mjs COMMAND [ARGUMENT…]    runs the command and fails, naming it, when it left something
 */
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmdirSync,
  statSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

/** Marks the processes of a run in their environment. */
const MARK = 'NSINIT_LEAK_MARK';

const GONE = ['ENOENT', 'ESRCH', 'EACCES', 'EPERM', 'ENOTDIR', 'EINVAL'];

/** The value, or undefined where the thing asked about vanished meanwhile or is not ours to see. */
function unlessGone(read) {
  try {
    return read();
  } catch (error) {
    if (GONE.includes(error.code)) return undefined;
    throw error;
  }
}

const list = (dir) => unlessGone(() => readdirSync(dir)) ?? [];
const link = (path) => unlessGone(() => readlinkSync(path));

const NAMESPACES = ['mnt', 'pid', 'net', 'uts', 'ipc', 'user', 'cgroup', 'time'];

/** Start time in clock ticks after boot, parent and name: with the pid they identify a process for good. */
function processStat(pid) {
  const stat = unlessGone(() => readFileSync(`/proc/${pid}/stat`, 'utf8'));
  if (!stat) return undefined;
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return { state: fields[0], parent: Number(fields[1]), start: fields[19] };
}

function describeProcess(pid) {
  const command = unlessGone(() => readFileSync(`/proc/${pid}/cmdline`, 'utf8'))
    ?.split('\0')
    .filter(Boolean)
    .join(' ');
  const memfds = list(`/proc/${pid}/fd`)
    .map((fd) => link(`/proc/${pid}/fd/${fd}`))
    .filter((target) => target?.startsWith('/memfd:'));
  const name = unlessGone(() => readFileSync(`/proc/${pid}/comm`, 'utf8'))?.trim();
  return `process ${pid} ${command || `[${name ?? ''}]`}${memfds.length > 0 ? `, which holds ${memfds.join(', ')}` : ''}`;
}

const cgroupsOf = (pid) =>
  unlessGone(() => readFileSync(`/proc/${pid}/cgroup`, 'utf8'))
    ?.split('\n')
    .filter(Boolean) ?? [];

/** A service of the host that started meanwhile is in a control group of its own; what we start is in ours, or named. */
function isInOurGroups(pid) {
  const ours = cgroupsOf('self');
  const theirs = cgroupsOf(pid);
  return theirs.some((line) => ours.includes(line) || /nsinit|libcontainer/i.test(line));
}

/** Whether a process that appeared during a run comes from it: other programs start processes too. */
function belongsToRun(pid, mark) {
  if (
    unlessGone(() => readFileSync(`/proc/${pid}/environ`, 'latin1'))
      ?.split('\0')
      .includes(`${MARK}=${mark}`)
  )
    return true;
  if (link(`/proc/${pid}/exe`)?.startsWith('/memfd:')) return true;
  const elsewhere = NAMESPACES.some((name) => {
    const theirs = link(`/proc/${pid}/ns/${name}`);
    return theirs !== undefined && theirs !== link(`/proc/self/ns/${name}`);
  });
  return elsewhere && isInOurGroups(pid);
}

function processes() {
  const found = new Map();
  for (const pid of list('/proc').filter((name) => /^\d+$/.test(name))) {
    const stat = processStat(pid);
    // Threads of the kernel descend from process 2.
    if (stat && pid !== '2' && stat.parent !== 2) found.set(`${pid} ${stat.start}`, pid);
  }
  return found;
}

const decodeOctal = (path) => path.replace(/\\(\d{3})/g, (_, octal) => String.fromCharCode(Number.parseInt(octal, 8)));

function mounts() {
  const lines = readFileSync('/proc/self/mountinfo', 'utf8').trimEnd().split('\n');
  return new Map(lines.map((line) => [line.split(' ')[0], `mount on ${decodeOctal(line.split(' ')[4])}`]));
}

const entries = (dirs, what) => {
  const found = new Map();
  for (const dir of new Set(dirs.map((path) => unlessGone(() => realpathSync(path))).filter(Boolean))) {
    for (const name of list(dir)) found.set(join(dir, name), `${what} ${join(dir, name)}`);
  }
  return found;
};

function controlGroups() {
  const found = new Map();
  const visit = (dir) => {
    for (const entry of unlessGone(() => readdirSync(dir, { withFileTypes: true })) ?? []) {
      if (!entry.isDirectory()) continue;
      const path = join(dir, entry.name);
      if (/nsinit|libcontainer/i.test(path)) found.set(path, `control group ${path}`);
      visit(path);
    }
  };
  visit('/sys/fs/cgroup');
  return found;
}

function temporaryFiles(dir) {
  const found = new Map();
  // vitest keeps a directory of its own there.
  for (const name of list(dir).filter((entry) => !/^(vitest|node-compile-cache|v8-compile-cache)/.test(entry))) {
    found.set(
      name,
      `temporary ${unlessGone(() => statSync(join(dir, name)))?.isDirectory() ? 'directory' : 'file'} ${join(dir, name)}`,
    );
  }
  return found;
}

/** What is there now. `temporary` is the directory for temporary files of the run. */
export function snapshot(temporary) {
  return {
    processes: processes(),
    mounts: mounts(),
    links: entries(['/sys/class/net'], 'network interface'),
    netns: entries(['/run/netns', '/var/run/netns'], 'network namespace'),
    cgroups: controlGroups(),
    state: entries(['/run/nsinit', '/var/run/nsinit'], 'state directory'),
    temporary: temporaryFiles(temporary),
  };
}

/** Lines that name everything that is in `after` and not in `before`. */
export function difference(before, after, mark) {
  const lines = [];
  for (const [key, pid] of after.processes) {
    if (before.processes.has(key) || pid === String(process.pid) || !belongsToRun(pid, mark)) continue;
    lines.push(describeProcess(pid));
  }
  for (const kind of ['mounts', 'links', 'netns', 'cgroups', 'state', 'temporary']) {
    for (const [key, line] of after[kind]) if (!before[kind].has(key)) lines.push(line);
  }
  return lines;
}

/**
 * Starts watching. `environment` goes to the processes of the run; `finish()` gives what they left, after it gave the
 * kernel some seconds to take down what is already ending.
 */
export function watch(name = 'nsinit-run') {
  const temporary = mkdtempSync(join(tmpdir(), `${name}-`));
  // Root of a user namespace is somebody else out here, and must be let through to root file systems.
  chmodSync(temporary, 0o755);
  const mark = temporary;
  const before = snapshot(temporary);
  return {
    environment: { [MARK]: mark, TMPDIR: temporary },
    async finish() {
      let left = [];
      for (let tries = 0; tries < 20; tries++) {
        left = difference(before, snapshot(temporary), mark);
        if (left.length === 0) break;
        await sleep(250);
      }
      removeTemporary(temporary);
      return left;
    },
  };
}

/** Only directories that are known to hold nothing of ours go; a stray mount would be emptied by a recursive removal. */
function removeTemporary(dir) {
  if (list(dir).length === 0) rmdirSync(dir);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [command, ...args] = process.argv.slice(2);
  if (!command) {
    console.error('usage: node scripts/leaks.mjs COMMAND [ARGUMENT…]');
    process.exit(2);
  }
  const run = watch();
  const result = spawnSync(command, args, { stdio: 'inherit', env: { ...process.env, ...run.environment } });
  if (result.error) throw result.error;
  const left = await run.finish();
  for (const line of left) console.error(`left behind: ${line}`);
  process.exitCode = left.length > 0 ? 1 : (result.status ?? 1);
}
