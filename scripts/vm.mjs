#!/usr/bin/env node
/**
 * The tests that need what this machine may not have: systemd as the first process, cgroup v2 alone, a user's session.
 * They run in an emulated machine that is thrown away. A test that was skipped there counts as failed.
 *
 *   node scripts/vm.mjs                 all of them
 *   node scripts/vm.mjs run COMMAND…    another command in that machine, in a copy of this repository
 *   node scripts/vm.mjs selinux         the tests that need SELinux in place of AppArmor, which are not among all of them
 *   node scripts/vm.mjs selinux COMMAND…    another command in such a machine
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { cache, readJson, root } from './lib/workspace.mjs';
import { runInGuest, whyNoGuest } from './vm/boot.mjs';

const reason = whyNoGuest();
if (reason) {
  console.error(`vm: not run: ${reason}`);
  process.exit(1);
}

/** A copy of the repository without what it downloads: hard links, so it costs nothing. */
function stage() {
  const target = join(cache, 'vm', 'stage');
  rmSync(target, { recursive: true, force: true });
  mkdirSync(target, { recursive: true });
  const entries = readdirSync(root).filter((name) => !['.git', '.cache', '.turbo'].includes(name));
  execFileSync('cp', ['-al', ...entries.map((name) => join(root, name)), target]);
  return target;
}

const [mode, ...own] = process.argv.slice(2);
const inside = [process.execPath, 'scripts/vm/inside.mjs'];
const machines = mode
  ? [
      mode === 'selinux' && own.length === 0
        ? { command: inside, security: 'selinux', tiers: ['selinux'] }
        : { command: own, security: mode === 'selinux' ? 'selinux' : 'apparmor', tiers: [] },
    ]
  : [{ command: inside, security: 'apparmor', tiers: ['vm', 'root'] }];
const copy = stage();
process.exitCode = 0;
try {
  for (const machine of machines) await runMachine(machine);
} finally {
  rmSync(copy, { recursive: true });
}

async function runMachine({ command, security, tiers }) {
  const begin = Date.now();
  const { status, out, remove } = await runInGuest(command, { copy, at: root, security });
  try {
    const seconds = Math.round((Date.now() - begin) / 1000);
    console.log(`\nvm: ended with ${status} after ${seconds} s`);
    process.exitCode ||= status;
    if (!summarize(out, tiers)) process.exitCode ||= 1;
  } finally {
    remove();
  }
}

/** Prints what was executed, and gives whether all of it passed. */
function summarize(dir, tiers) {
  let good = true;
  for (const name of tiers) {
    const file = join(dir, `report-${name}.json`);
    const tests = existsSync(file) ? readJson(file) : [];
    const count = (state) => tests.filter((test) => test.state === state).length;
    const [passed, failed, skipped] = ['passed', 'failed', 'skipped'].map(count);
    console.log(`vm: tier ${name}: ${passed} passed, ${failed} failed, ${skipped} skipped`);
    for (const test of tests.filter(({ state }) => state !== 'passed'))
      console.log(`  ${test.state}: ${test.name}: ${test.note ?? test.errors?.[0]?.split('\n', 1)[0] ?? ''}`);
    if (passed === 0 || failed > 0 || skipped > 0) good = false;
  }
  if (!good) console.log('vm: failed: in the emulated machine every test must be executed, and pass');
  return good;
}
