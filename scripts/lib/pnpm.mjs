/** The pnpm that package.json pins, without which lockfile and workspace settings would mean something else. */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { attempt, cache, manifest, readJson, root, run, which } from './workspace.mjs';

/** Version that `packageManager` in package.json names. */
export function pinnedVersion() {
  const match = /^pnpm@(\d+\.\d+\.\d+)(?:\+|$)/.exec(manifest.packageManager ?? '');
  if (!match) throw new Error(`package.json: packageManager is "${manifest.packageManager}" and not pnpm@<version>`);
  return match[1];
}

const privateDir = join(cache, 'pnpm');
const privateBin = join(privateDir, 'node_modules', '.bin');

function installedVersion() {
  const path = join(privateDir, 'node_modules', 'pnpm', 'package.json');
  return existsSync(path) ? readJson(path).version : undefined;
}

function versionOnPath() {
  if (!which('pnpm')) return undefined;
  const result = attempt('pnpm', ['--version'], { cwd: '/' });
  return result.status === 0 ? result.stdout.trim() : undefined;
}

/**
 * Directory of the pinned pnpm to put in front of PATH, installed by npm when it is not there yet; undefined when the
 * pnpm on PATH is that version already.
 */
export function pnpmDir(log = () => {}) {
  const version = pinnedVersion();
  if (installedVersion() === version) return privateBin;
  if (versionOnPath() === version) return undefined;
  log(`installing pnpm ${version} into .cache/pnpm`);
  mkdirSync(privateDir, { recursive: true });
  writeFileSync(join(privateDir, 'package.json'), `${JSON.stringify({ private: true })}\n`);
  run('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error', '--save-exact', `pnpm@${version}`], {
    cwd: privateDir,
  });
  if (installedVersion() !== version) throw new Error(`npm did not install pnpm ${version} into ${privateDir}`);
  return privateBin;
}

/** The environment in which `pnpm` is the pinned one and the tools of the workspace are on PATH. */
export function toolEnvironment(log) {
  const dirs = [pnpmDir(log), join(root, 'node_modules', '.bin')];
  return {
    ...process.env,
    PATH: [...dirs.filter(Boolean), process.env.PATH].join(delimiter),
    TURBO_TELEMETRY_DISABLED: '1',
    DO_NOT_TRACK: '1',
  };
}
