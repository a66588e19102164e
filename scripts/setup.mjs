#!/usr/bin/env node
/**
 * Makes a clean clone ready to build, test and run: the pinned pnpm, the dependencies, as root the Debian packages,
 * and a build of every package. Needs Node and npm alone; does nothing that is done already.
 *
 *   node scripts/setup.mjs            everything
 *   node scripts/setup.mjs --bench    also what bench/ compares with
 *   node scripts/setup.mjs --vm       also what the tests in an emulated machine need
 */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { installPackages } from './lib/debian.mjs';
import { pinnedVersion, toolEnvironment } from './lib/pnpm.mjs';
import { cache, manifest, packages, root, run } from './lib/workspace.mjs';

const log = (text) => console.log(`setup: ${text}`);

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  const [, needMajor, needMinor] = /(\d+)\.(\d+)/.exec(manifest.engines.node).map(Number);
  if (major < needMajor || (major === needMajor && minor < needMinor)) {
    throw new Error(`Node.js ${process.versions.node} is too old: ${manifest.engines.node} is needed`);
  }
}

/** Changes whenever `pnpm install` could have something to do. */
function dependencyStamp() {
  const hash = createHash('sha256');
  const files = [
    'package.json',
    'pnpm-lock.yaml',
    'pnpm-workspace.yaml',
    'examples/package.json',
    'bench/package.json',
  ];
  for (const { dir } of packages()) files.push(join(dir, 'package.json').slice(root.length + 1));
  for (const file of files) {
    const path = join(root, file);
    hash
      .update(`${file}\0`)
      .update(existsSync(path) ? readFileSync(path) : '')
      .update('\0');
  }
  return hash.update(`${pinnedVersion()} ${process.version} ${process.arch}`).digest('hex');
}

function installDependencies(env) {
  const stampPath = join(cache, 'setup.stamp');
  const stamp = dependencyStamp();
  const done =
    existsSync(join(root, 'node_modules', '.modules.yaml')) &&
    existsSync(stampPath) &&
    readFileSync(stampPath, 'utf8') === stamp;
  if (done) return;
  log('installing dependencies');
  run('pnpm', ['install', '--frozen-lockfile', '--prefer-offline'], { env });
  mkdirSync(cache, { recursive: true });
  writeFileSync(stampPath, stamp);
}

function setup() {
  checkNode();
  const env = toolEnvironment(log);
  installPackages('build', log);
  for (const set of ['bench', 'vm']) if (process.argv.includes(`--${set}`)) installPackages(set, log);
  installDependencies(env);
  run('turbo', ['run', 'build', '--output-logs=errors-only', '--no-update-notifier'], { env });
}

try {
  setup();
} catch (error) {
  console.error(`setup: ${error.message}`);
  process.exitCode = 1;
}
