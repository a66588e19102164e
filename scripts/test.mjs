#!/usr/bin/env node
/**
 * Every test: the unit tests, as root those against the real kernel, and the packages as a user installs them. Ends
 * with what was executed, what was skipped and why, and what the tests left behind on this machine.
 *
 *   node scripts/test.mjs                   everything
 *   node scripts/test.mjs unit root pack    only these tiers
 *   node scripts/test.mjs root -- mount     the rest goes to vitest: here files with "mount" in their path
 */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { watch } from './leaks.mjs';
import { toolEnvironment } from './lib/pnpm.mjs';
import { attempt, capture, isRoot, readJson, root } from './lib/workspace.mjs';
import { debianArchive } from './rootfs.mjs';

const TIERS = ['unit', 'root', 'pack'];

/** Start of the reason of a skip that is the machine's fault and not the test's. */
const HOST = 'host:';

/** Start of the reason of a skip in the run with user namespaces, which says why the case cannot apply there. */
const USER_NAMESPACE = 'in a user namespace:';

const env = toolEnvironment();
const reports = mkdtempSync(join(tmpdir(), 'nsinit-reports-'));

function heading(text) {
  console.log(`\n── ${text} ${'─'.repeat(Math.max(0, 72 - text.length))}\n`);
}

/** Runs a program that writes its results to the file which NSINIT_TEST_REPORT names, and returns them. */
function execute(tier, args, extra = {}) {
  const report = join(reports, `${tier}.json`);
  const result = attempt(process.execPath, args, {
    stdio: 'inherit',
    env: { ...env, ...extra, NSINIT_TEST_REPORT: report },
  });
  const end = result.signal ?? `status ${result.status}`;
  if (!existsSync(report)) return [{ name: tier, state: 'failed', errors: [`ended with ${end} and without a report`] }];
  const tests = readJson(report);
  if (result.status !== 0 && !tests.some(({ state }) => state === 'failed')) {
    tests.push({ name: tier, state: 'failed', errors: [`ended with ${end} although no test failed`] });
  }
  return tests;
}

const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');

function runVitest(project, filters, extra) {
  const reporters = ['--reporter=default', `--reporter=${join(root, 'scripts/lib/reporter.mjs')}`];
  return execute(project, [vitest, 'run', `--project=${project}`, ...reporters, ...filters], extra);
}

/** Why containers cannot be made here at all, or undefined. */
function whyNoContainers() {
  if (!isRoot) return 'this needs root';
  const result = attempt('unshare', ['--mount', '--uts', '--ipc', '--net', '--pid', '--fork', 'true']);
  return result.status === 0 ? undefined : `this machine permits no namespaces: ${result.stderr.trim()}`;
}

/** Tests of a tier that is not run, all as skipped. */
function skipAll(project, reason) {
  const files = JSON.parse(capture(process.execPath, [vitest, 'list', `--project=${project}`, '--json'], { env }));
  return files.map(({ file, name }) => ({
    name: `${file.slice(root.length + 1)} > ${name}`,
    state: 'skipped',
    note: reason,
  }));
}

/** What root tests are told about this machine, by environment variable. */
function prepareRootfs() {
  try {
    debianArchive();
    return {};
  } catch (error) {
    return { NSINIT_TEST_DEBIAN_MISSING: `${HOST} no Debian root file system: ${error.message}` };
  }
}

/** Runs tests and adds one: that they left nothing on this machine. */
async function leavingNothing(body) {
  const run = watch();
  const tests = body(run.environment);
  const left = await run.finish();
  tests.push({ name: 'nothing is left behind', state: left.length > 0 ? 'failed' : 'passed', errors: left });
  return tests;
}

async function runRootTests(filters) {
  const missing = whyNoContainers();
  if (missing) return { tests: skipAll('root', missing), note: `not run: ${missing}` };
  const prepared = prepareRootfs();
  // With no file of its own that a filter names, the second run has nothing to do.
  const second = ['--passWithNoTests', ...filters];
  const tests = await leavingNothing((environment) => [
    ...runVitest('root', filters, { ...prepared, ...environment }),
    ...runVitest('root-user-namespace', second, { ...prepared, ...environment }),
  ]);
  for (const test of tests) {
    if (test.state !== 'skipped' || [HOST, USER_NAMESPACE].some((why) => test.note?.startsWith(why))) continue;
    test.state = 'failed';
    test.errors = [`skipped although this machine could run it: ${test.note ?? 'no reason given'}`];
  }
  return { tests };
}

const runners = {
  unit: async (filters) => ({ tests: runVitest('unit', filters) }),
  root: runRootTests,
  pack: async () => ({
    tests: await leavingNothing((environment) => execute('pack', [join(root, 'scripts/pack-test.mjs')], environment)),
  }),
};

const count = (tests, state) => tests.filter((test) => test.state === state).length;

function summarize(results) {
  heading('summary');
  for (const { tier, tests } of results) {
    for (const { name, errors } of tests.filter(({ state }) => state === 'failed')) {
      console.log(`failed: ${tier}: ${name}`);
      for (const error of errors ?? []) console.log(`    ${error.split('\n', 1)[0]}`);
    }
  }
  const reasons = new Map();
  for (const { tier, tests } of results) {
    for (const { name, note } of tests.filter(({ state }) => state === 'skipped')) {
      const key = `${tier}: ${note ?? 'no reason given'}`;
      reasons.set(key, [...(reasons.get(key) ?? []), name]);
    }
  }
  for (const [reason, names] of reasons) {
    console.log(`skipped: ${reason}`);
    for (const name of names) console.log(`    ${name}`);
  }
  console.log();
  for (const { tier, tests, note } of results) {
    const executed = count(tests, 'passed') + count(tests, 'failed');
    const counts = `${executed} executed, ${count(tests, 'failed')} failed, ${count(tests, 'skipped')} skipped`;
    console.log(`${tier.padEnd(5)} ${counts}${note ? ` (${note})` : ''}`);
  }
  const all = results.flatMap(({ tests }) => tests);
  console.log(`\n${count(all, 'passed')} passed, ${count(all, 'failed')} failed, ${count(all, 'skipped')} skipped`);
  return count(all, 'failed') === 0;
}

const separator = process.argv.indexOf('--');
const wanted = process.argv.slice(2, separator < 0 ? undefined : separator);
const filters = separator < 0 ? [] : process.argv.slice(separator + 1);
const unknown = wanted.filter((tier) => !TIERS.includes(tier));
if (unknown.length > 0) {
  console.error(`test: there is no tier ${unknown.join(', ')}; they are ${TIERS.join(', ')}`);
  process.exit(2);
}

const results = [];
try {
  for (const tier of TIERS.filter((name) => wanted.length === 0 || wanted.includes(name))) {
    heading(tier);
    const { tests, note } = await runners[tier](filters);
    if (tests.length === 0) tests.push({ name: tier, state: 'failed', errors: ['there was nothing to run'] });
    results.push({ tier, tests, note });
  }
} finally {
  rmSync(reports, { recursive: true });
}
process.exitCode = summarize(results) ? 0 : 1;
