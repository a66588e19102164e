#!/usr/bin/env node
/**
 * Uses the packages as a user does: packed, installed by npm into an empty project elsewhere, imported by plain Node,
 * type-checked, and as root run.
 *
 * Writes its results to the file which NSINIT_TEST_REPORT names, when it is set.
 */
import assert from 'node:assert/strict';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { toolEnvironment } from './lib/pnpm.mjs';
import { packAll } from './lib/tarballs.mjs';
import { attempt, capture, isRoot, root, run } from './lib/workspace.mjs';
import { buildBusyboxRootfs } from './rootfs.mjs';

const results = [];

/** Records one test. `skip` is the reason not to run it, or undefined. */
function test(name, body, skip) {
  if (skip) {
    results.push({ name, state: 'skipped', note: skip });
    console.log(` ↓ ${name} [${skip}]`);
    return;
  }
  try {
    body();
    results.push({ name, state: 'passed' });
    console.log(` ✓ ${name}`);
  } catch (error) {
    results.push({ name, state: 'failed', errors: [error.stack] });
    console.log(` × ${name}\n${error.stack}`);
  }
}

const passed = (name) => results.some((result) => result.name === name && result.state === 'passed');

const work = mkdtempSync(join(tmpdir(), 'nsinit-pack-'));
const project = join(work, 'project');
const environment = toolEnvironment();

const COMPILERS = ['cc', 'gcc', 'c++', 'g++', 'clang', 'clang++', 'ld', 'make', 'cmake', 'node-gyp', 'python3'];

/** Directory with compilers that only write down that they were called. */
function makeTraps() {
  const dir = join(work, 'traps');
  mkdirSync(dir);
  for (const name of COMPILERS) {
    writeFileSync(join(dir, name), `#!/bin/sh\necho "${name} $*" >> "${join(work, 'compiled')}"\nexit 1\n`);
    chmodSync(join(dir, name), 0o755);
  }
  return dir;
}

/** npm takes no account of our workspace here: neither its settings nor its tools are there for a user. */
function userEnvironment(extraPath) {
  const env = { ...process.env, PATH: [extraPath, process.env.PATH].filter(Boolean).join(delimiter) };
  for (const name of Object.keys(env)) if (/^(npm_|pnpm_|NODE_OPTIONS$)/i.test(name)) delete env[name];
  return env;
}

function writeProject(packed) {
  mkdirSync(project);
  const specs = Object.fromEntries(packed.map(({ name, tarball }) => [name, `file:${tarball}`]));
  const dependedOn = new Set(packed.flatMap(({ manifest }) => Object.keys(manifest.dependencies ?? {})));
  const direct = packed.map(({ name }) => name).filter((name) => !dependedOn.has(name));
  const pick = (names) => Object.fromEntries(names.map((name) => [name, specs[name]]));
  const own = {
    name: 'user-of-the-packages',
    private: true,
    type: 'module',
    dependencies: pick(direct),
    // As long as these versions are not in a registry, the dependencies between them lead to the tarballs too.
    overrides: pick(Object.keys(specs).filter((name) => dependedOn.has(name))),
  };
  writeFileSync(join(project, 'package.json'), JSON.stringify(own, undefined, 2));
}

const installed = (name, ...path) => join(project, 'node_modules', ...name.split('/'), ...path);

const installedManifest = (name) => JSON.parse(readFileSync(installed(name, 'package.json'), 'utf8'));

function testPackage({ name }) {
  test(`${name}: has what its manifest promises`, () => {
    const own = installedManifest(name);
    const targets = Object.values(own.exports ?? {}).flatMap((entry) =>
      typeof entry === 'string' ? [entry] : Object.values(entry),
    );
    const bins = typeof own.bin === 'string' ? [own.bin] : Object.values(own.bin ?? {});
    for (const target of [...targets, ...bins]) assert.ok(existsSync(installed(name, target)), `${target} is missing`);
    assert.ok(existsSync(installed(name, 'LICENSE')), 'LICENSE is missing');
    assert.ok(existsSync(installed(name, 'README.md')), 'README.md is missing');
    const text = JSON.stringify(own);
    assert.ok(!/"(workspace|catalog):/.test(text), 'a dependency has a version that means something here only');
    assert.ok(!text.includes('@nsinit/source'), 'an entry leads to the sources');
    const packed = readdirSync(installed(name), { recursive: true }).map(String);
    const stray = packed.filter((path) => /(\.test\.|\.tsbuildinfo$|\/fixtures\/|^node_modules\/)/.test(path));
    assert.deepEqual(stray, [], 'files that a user has no use for');
  });

  const entries = Object.keys(installedManifest(name).exports ?? {}).filter((entry) => !entry.endsWith('.json'));
  for (const entry of entries) {
    const specifier = `${name}${entry.slice(1)}`;
    test(`${specifier}: is imported by plain Node`, () => {
      const script = `const found = await import(${JSON.stringify(specifier)}); console.log(Object.keys(found).length)`;
      const out = capture(process.execPath, ['--input-type=module', '--eval', script], {
        cwd: project,
        env: userEnvironment(),
      });
      assert.ok(Number(out) > 0, 'it exports nothing');
    });
  }
}

function testTypes(packed) {
  test('a TypeScript file that imports every package type-checks', () => {
    const libraries = packed.filter(({ name }) => installedManifest(name).exports?.['.']?.types);
    const imports = libraries.map(({ name }, i) => `import * as p${i} from '${name}';`);
    const uses = libraries.map((_, i) => `p${i}`).join(', ');
    writeFileSync(
      join(project, 'consumer.ts'),
      `${imports.join('\n')}\nexport const all: readonly object[] = [${uses}];\n`,
    );
    const options = {
      target: 'es2022',
      lib: ['es2023', 'esnext.disposable'],
      module: 'nodenext',
      strict: true,
      noEmit: true,
      // A user's own types come from the registry; these are the same ones.
      typeRoots: [join(root, 'node_modules/@types')],
      types: ['node'],
    };
    writeFileSync(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions: options, files: ['consumer.ts'] }));
    const result = attempt(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '--project', project], {
      cwd: project,
    });
    assert.equal(result.status, 0, result.stdout + result.stderr);
  });
}

function testNsexec() {
  test('@nsinit/namespaces: has nsexec for x64 and arm64', () => {
    const EM_X86_64 = 62;
    const EM_AARCH64 = 183;
    for (const [arch, machine] of [
      ['x64', EM_X86_64],
      ['arm64', EM_AARCH64],
    ]) {
      const elf = readFileSync(installed('@nsinit/namespaces', 'bin', `nsexec-${arch}`));
      assert.equal(elf.readUInt32BE(0), 0x7f454c46, `nsexec-${arch} is not an ELF file`);
      assert.equal(elf.readUInt16LE(18), machine, `nsexec-${arch} is for another machine`);
    }
  });
}

const withoutRoot = isRoot ? undefined : 'this needs root';

function testCommandLine() {
  test('npx nsinit --version tells the version of the package', () => {
    const out = capture('npx', ['--no-install', 'nsinit', '--version'], { cwd: project, env: userEnvironment() });
    const { version } = installedManifest('nsinit');
    assert.ok(out.includes(version), `it printed ${JSON.stringify(out)} and not ${version}`);
  });

  test(
    'nsinit exec runs a command in a container and ends as it did',
    () => {
      const rootfs = buildBusyboxRootfs(join(work, 'rootfs-cli'));
      const args = ['--root', join(work, 'state-cli'), 'exec', '--id', 'pack', '/bin/sh', '-c', 'echo $$; exit 7'];
      const result = attempt(join(project, 'node_modules/.bin/nsinit'), args, { cwd: rootfs, env: userEnvironment() });
      assert.equal(result.stdout, '1\n', result.stderr);
      assert.equal(result.status, 7, result.stderr);
    },
    withoutRoot,
  );
}

function main() {
  test('every package is packed', () => {
    const packed = packAll(join(work, 'tarballs'), environment);
    writeProject(packed);
    main.packed = packed;
  });
  if (!main.packed) return;
  const names = new Set(main.packed.map(({ name }) => name));

  const install = 'npm installs the packages into an empty project';
  test(install, () => {
    const flags = ['--no-audit', '--no-fund', '--prefer-offline', '--loglevel=error', '--install-links=false'];
    run('npm', ['install', ...flags], { cwd: project, env: userEnvironment(makeTraps()) });
  });
  if (!passed(install)) return;

  test('the installation compiles nothing', () => {
    const log = join(work, 'compiled');
    assert.ok(!existsSync(log), existsSync(log) ? readFileSync(log, 'utf8') : '');
    const objects = readdirSync(join(project, 'node_modules'), { recursive: true }).filter((path) =>
      String(path).endsWith('.o'),
    );
    assert.deepEqual(objects, []);
  });
  for (const own of main.packed) testPackage(own);
  testTypes(main.packed);
  if (names.has('@nsinit/namespaces')) testNsexec();
  if (existsSync(join(root, 'packages/nsinit'))) testCommandLine();
}

try {
  main();
} finally {
  if (process.env.NSINIT_TEST_REPORT) writeFileSync(process.env.NSINIT_TEST_REPORT, JSON.stringify(results));
  const mounted = readFileSync('/proc/self/mountinfo', 'utf8').includes(` ${work}`);
  // A mount that a failed test left must not be emptied; scripts/test.mjs names it.
  if (!mounted) rmSync(work, { recursive: true });
}
process.exitCode = results.every(({ state }) => state !== 'failed') ? 0 : 1;
