/** Runs in the guest: the tests that need a machine with systemd and cgroup v2 alone, and those of root for cgroups. */
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { root } from '../lib/workspace.mjs';

const vitest = join(root, 'node_modules/vitest/vitest.mjs');

/** Those for hosts with both versions of cgroups have nothing to look at here. */
const cgroupTests = readdirSync(join(root, 'packages/cgroups/src'), { recursive: true })
  .filter((file) => file.endsWith('.root.test.ts') && !basename(file).startsWith('hybrid'))
  .map((file) => `packages/cgroups/src/${file}`);

const runs = {
  vm: ['--project=vm'],
  // Everything here is emulated: it takes many times as long.
  root: ['--project=root', '--testTimeout=300000', ...cgroupTests],
};

let status = 0;
for (const [name, args] of Object.entries(runs)) {
  const reporters = ['--reporter=verbose', `--reporter=${join(root, 'scripts/lib/reporter.mjs')}`];
  const result = spawnSync(process.execPath, [vitest, 'run', ...args, ...reporters, ...process.argv.slice(2)], {
    stdio: 'inherit',
    env: { ...process.env, NSINIT_TEST_REPORT: `/vmtest/report-${name}.json`, NO_COLOR: '1' },
  });
  if (result.status !== 0) status = 1;
}
process.exit(status);
