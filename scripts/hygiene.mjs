#!/usr/bin/env node
/**
 * What the compiler, the linter and the tests do not see: dead code and undeclared dependencies, what is published, the
 * direction of dependencies, changesets, and traces of one machine. Every check runs; each problem is one line.
 */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { toolEnvironment } from './lib/pnpm.mjs';
import { imports, leavesPackage, packageOf, sources } from './lib/sources.mjs';
import { packAll } from './lib/tarballs.mjs';
import { attempt, capture, packages, readJson, root } from './lib/workspace.mjs';

const environment = toolEnvironment();
const all = packages();
const names = new Set(all.map(({ name }) => name));

const dependenciesOf = (manifest) => Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies });
const short = (own) => own.dir.slice(root.length + 1);
const trackedFiles = () => capture('git', ['ls-files', '-z']).split('\0').filter(Boolean);

function checkDeadCode() {
  const result = attempt('knip', ['--no-progress', '--no-config-hints'], { env: environment });
  return result.status === 0 ? [] : [(result.stdout + result.stderr).trimEnd()];
}

async function checkPublished() {
  const dir = mkdtempSync(join(tmpdir(), 'nsinit-publint-'));
  try {
    const problems = [];
    for (const own of packAll(dir, environment)) {
      const file = readFileSync(own.tarball);
      const tarball = file.buffer.slice(file.byteOffset, file.byteOffset + file.byteLength);
      const { messages, pkg } = await publint({ pack: { tarball }, strict: true });
      for (const message of messages) problems.push(`${own.name}: ${formatMessage(message, pkg, { color: false })}`);
    }
    return problems;
  } finally {
    rmSync(dir, { recursive: true });
  }
}

function checkManifests() {
  const problems = [];
  for (const own of all) {
    const { manifest } = own;
    const expect = (condition, text) => condition || problems.push(`${short(own)}: ${text}`);
    const isLibrary = manifest.bin === undefined;
    expect(existsSync(join(own.dir, 'README.md')), 'has no README.md');
    expect(manifest.license === 'Apache-2.0', `its license is ${manifest.license} and not Apache-2.0`);
    expect(manifest.sideEffects === false, 'sideEffects is not false');
    expect(manifest.type === 'module', 'type is not module');
    expect(manifest.description, 'has no description');
    expect(manifest.engines?.node, 'engines.node is missing');
    expect(!isLibrary || manifest.exports?.['.'], 'exports has no entry "."');
    for (const [entry, target] of Object.entries(manifest.exports ?? {})) {
      if (/\.json$/.test(entry)) continue;
      expect(target.types, `exports["${entry}"] has no types`);
      expect(
        target['@nsinit/source'],
        `exports["${entry}"] has no @nsinit/source, so tests would run what was built last`,
      );
      expect(manifest.publishConfig?.exports?.[entry]?.types, `publishConfig.exports["${entry}"] has no types`);
    }
  }
  return problems;
}

function findCycles() {
  const edges = new Map(
    all.map(({ name, manifest }) => [name, dependenciesOf(manifest).filter((dependency) => names.has(dependency))]),
  );
  const cycles = [];
  const done = new Set();
  const visit = (name, trail) => {
    const at = trail.indexOf(name);
    if (at >= 0) cycles.push(`cycle: ${[...trail.slice(at), name].join(' -> ')}`);
    if (at >= 0 || done.has(name)) return;
    for (const next of edges.get(name) ?? []) visit(next, [...trail, name]);
    done.add(name);
  };
  for (const name of edges.keys()) visit(name, []);
  return cycles;
}

/** A bundled command line names what it bundles as development dependencies. */
function isBundled(own) {
  return own.manifest.bin !== undefined;
}

/** Nothing below libcontainer knows it, and a package knows another one only when its manifest says so. */
function checkDirection() {
  const problems = findCycles();
  const composition = ['@nsinit/libcontainer', 'nsinit'];
  for (const own of all) {
    const { manifest } = own;
    const declared = new Set(dependenciesOf(manifest));
    const forTests = new Set([...declared, ...Object.keys(manifest.devDependencies ?? {}), own.name]);
    if (!composition.includes(own.name)) {
      for (const above of composition) {
        if (forTests.has(above)) problems.push(`${short(own)}: depends on ${above}, which is built on top of it`);
      }
    }
    for (const file of sources(own.dir)) {
      for (const specifier of imports(file.text)) {
        const where = `${short(own)}/${file.path}`;
        if (leavesPackage(own.dir, file.path, specifier))
          problems.push(`${where}: ${specifier} leads out of the package`);
        const target = packageOf(specifier);
        if (target === undefined) continue;
        if (builtinModules.includes(target)) problems.push(`${where}: write node:${target}`);
        else if (!(file.isTest || isBundled(own) ? forTests : declared).has(target) && target !== own.name) {
          problems.push(`${where}: imports ${target}, which package.json does not declare`);
        }
      }
    }
  }
  return problems;
}

function checkReferences() {
  const problems = [];
  for (const own of all) {
    const path = join(own.dir, 'tsconfig.json');
    if (!existsSync(path)) {
      problems.push(`${short(own)}: has no tsconfig.json`);
      continue;
    }
    const referenced = new Set((readJson(path).references ?? []).map(({ path: target }) => target.split('/').at(-1)));
    const known = isBundled(own)
      ? { ...own.manifest.dependencies, ...own.manifest.devDependencies }
      : { ...own.manifest.dependencies, ...own.manifest.peerDependencies };
    for (const dependency of Object.keys(known ?? {}).filter((name) => names.has(name))) {
      const dir = all
        .find(({ name }) => name === dependency)
        .dir.split('/')
        .at(-1);
      if (!referenced.has(dir))
        problems.push(`${short(own)}/tsconfig.json: has no reference to ../${dir}, which package.json depends on`);
    }
  }
  return problems;
}

const MAX_LINES = 400;

function checkSizes() {
  return all.flatMap((own) =>
    sources(own.dir)
      .filter(({ lines }) => lines > MAX_LINES)
      .map(
        ({ path, lines }) =>
          `${short(own)}/${path}: ${lines} lines; a file holds one subject and at most ${MAX_LINES} lines`,
      ),
  );
}

/** Packages that some changeset announces. */
function announced() {
  const dir = join(root, '.changeset');
  const found = new Set();
  for (const file of readdirSync(dir).filter((name) => name.endsWith('.md') && name !== 'README.md')) {
    const [, head] = /^---\n([\s\S]*?)\n---/.exec(readFileSync(join(dir, file), 'utf8')) ?? [];
    for (const line of head?.split('\n') ?? [])
      found.add(
        line
          .split(':')[0]
          .trim()
          .replace(/^['"]|['"]$/g, ''),
      );
  }
  return found;
}

/** What changed in a package since its changelog was last written must be told to its users. */
function checkChangesets() {
  const pending = announced();
  const problems = [...pending]
    .filter((name) => !names.has(name))
    .map((name) => `.changeset: names ${name}, and there is no such package`);
  for (const own of all.filter(({ manifest, name }) => !manifest.private && !pending.has(name))) {
    const path = short(own);
    const release = capture('git', ['log', '-1', '--format=%H', '--', `${path}/CHANGELOG.md`]).trim();
    const range = release ? [`${release}..HEAD`] : ['HEAD'];
    const changes = capture('git', ['log', '--format=%h', ...range, '--', `${path}/src`, `${path}/native`]).trim();
    if (changes)
      problems.push(`${path}: changed since its last release, and no changeset in .changeset/ says what its users get`);
  }
  return problems;
}

/** Traces of the machine on which something was made. */
function machinePatterns() {
  const quote = (text) => text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
  const registry = capture('npm', ['config', 'get', 'registry'], {
    cwd: '/',
    stdio: ['ignore', 'pipe', 'ignore'],
  }).trim();
  const places = [`${homedir()}/`, `${root}/`].map(quote);
  const alone = `(?<![\\w.}/])(?:${[...places, '/(?:work|farm|Users|home/[a-z]+)/'].join('|')})`;
  return new RegExp(`${quote(new URL(registry).host)}|${alone}`);
}

function checkMachineTraces() {
  const pattern = machinePatterns();
  const problems = [];
  for (const file of trackedFiles()) {
    const path = join(root, file);
    if (!existsSync(path)) continue;
    const text = readFileSync(path, 'utf8');
    if (text.includes('\0')) continue;
    text.split('\n').forEach((line, i) => {
      const match = pattern.exec(line);
      if (match) problems.push(`${file}:${i + 1}: ${match[0]} means something on one machine only`);
      else if (file === 'pnpm-lock.yaml' && /https?:\/\//.test(line))
        problems.push(`${file}:${i + 1}: names a registry`);
    });
  }
  return problems;
}

const CHECKS = [
  ['dead code and undeclared dependencies', checkDeadCode],
  ['packages as they are published', checkPublished],
  ['manifests', checkManifests],
  ['direction of dependencies', checkDirection],
  ['project references', checkReferences],
  ['sizes of files', checkSizes],
  ['changesets', checkChangesets],
  ['traces of one machine', checkMachineTraces],
];

let failed = 0;
for (const [name, check] of CHECKS) {
  const problems = await check();
  console.log(`${problems.length === 0 ? '✓' : '×'} ${name}`);
  for (const problem of problems) console.log(problem.replace(/^/gm, '    '));
  failed += problems.length === 0 ? 0 : 1;
}
console.log(failed === 0 ? '\nhygiene: nothing found' : `\nhygiene: ${failed} of ${CHECKS.length} checks failed`);
process.exitCode = failed === 0 ? 0 : 1;
