/** Runs in the guest: the tests that need a machine with systemd and cgroup v2 alone, and those of root for cgroups. */
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

const modules = readFileSync('/sys/kernel/security/lsm', 'utf8').split(',');
const runs = modules.includes('selinux')
  ? { selinux: ['--project=selinux'] }
  : {
      vm: ['--project=vm'],
      // Everything here is emulated: it takes many times as long.
      root: ['--project=root', '--testTimeout=300000', ...cgroupTests],
    };

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
  const result = spawnSync(process.execPath, [vitest, 'run', ...args, ...reporters, ...process.argv.slice(2)], {
    stdio: 'inherit',
    env: { ...process.env, ...leaks.environment, NSINIT_TEST_REPORT: report, NO_COLOR: '1' },
  });
  const left = await leaks.finish();
  const tests = existsSync(report) ? readJson(report) : [];
  tests.push({ name: 'nothing is left behind', state: left.length > 0 ? 'failed' : 'passed', errors: left });
  writeFileSync(report, JSON.stringify(tests));
  for (const line of left) console.log(`vm: left behind: ${line}`);
  if (result.status !== 0 || left.length > 0) status = 1;
}
process.exit(status);
