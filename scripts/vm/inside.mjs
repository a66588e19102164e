/**
 * Runs in the guest: the tests that need a machine with systemd and cgroup v2 alone, those of root for cgroups, and those
 * for checkpoints, with the criu of this Debian.
 *
 *   inside.mjs                 what belongs to all of the tests
 *   inside.mjs checkpoints     every root test that uses criu
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { watch } from '../leaks.mjs';
import { attempt, readJson, root } from '../lib/workspace.mjs';

const vitest = join(root, 'node_modules/vitest/vitest.mjs');

/** Those for hosts with both versions of cgroups have nothing to look at here. */
const cgroupTests = readdirSync(join(root, 'packages/cgroups/src'), { recursive: true })
  .filter((file) => file.endsWith('.root.test.ts') && !basename(file).startsWith('hybrid'))
  .map((file) => `packages/cgroups/src/${file}`);

const libcontainer = 'packages/libcontainer/src';
const checkpointTests = ['checkpoint.root', 'network.root'].map((name) => `${libcontainer}/checkpoint/${name}`);
const allCheckpointTests = [
  `${libcontainer}/checkpoint`,
  'packages/criu/src/criu.root',
  'packages/criu/src/lazy-pages.root',
  'packages/nsinit/src/e2e/checkpoint',
];

// What criu looks at, and what a machine has that runs containers: nobody loads it here by himself.
attempt('modprobe', ['-a', 'tun', 'veth', 'bridge', 'nf_tables', 'fuse']);

const modules = readFileSync('/sys/kernel/security/lsm', 'utf8').split(',');
const [wanted] = process.argv.slice(2);
// Everything here is emulated: it takes many times as long.
const asRoot = ['--project=root', '--testTimeout=300000'];
const sets = {
  selinux: { selinux: ['--project=selinux'] },
  checkpoints: { root: [...asRoot, ...allCheckpointTests] },
  all: { vm: ['--project=vm'], root: [...asRoot, ...cgroupTests, ...checkpointTests] },
};
const runs = sets[wanted ?? (modules.includes('selinux') ? 'selinux' : 'all')];

const text = ({ stdout, stderr }) => `${stdout}${stderr}`.trim().split('\n', 1)[0];
const versions = [
  ['uname', ['-sr']],
  ['systemctl', ['--version']],
  ['stat', ['-fc', 'cgroup %T', '/sys/fs/cgroup']],
];
console.log(
  `vm: ${versions.map(([program, args]) => text(attempt(program, args))).join(', ')}, Node ${process.version}`,
);

let status = 0;
for (const [name, args] of Object.entries(runs)) {
  const report = `/vmtest/report-${name}.json`;
  const reporters = ['--reporter=verbose', `--reporter=${join(root, 'scripts/lib/reporter.mjs')}`];
  const leaks = watch('nsinit-vm');
  const result = spawnSync(process.execPath, [vitest, 'run', ...args, ...reporters], {
    stdio: 'inherit',
    env: {
      ...process.env,
      ...leaks.environment,
      NSINIT_TEST_REPORT: report,
      NSINIT_TEST_CRIU: '/usr/sbin/criu',
      NO_COLOR: '1',
    },
  });
  const left = await leaks.finish();
  const tests = existsSync(report) ? readJson(report) : [];
  tests.push({ name: 'nothing is left behind', state: left.length > 0 ? 'failed' : 'passed', errors: left });
  writeFileSync(report, JSON.stringify(tests));
  for (const line of left) console.log(`vm: left behind: ${line}`);
  if (result.status !== 0 || left.length > 0) status = 1;
}
process.exit(status);
