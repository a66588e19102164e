/** Where things are in this repository, and how its scripts run other programs. */
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, readdirSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Absolute path of the repository. */
export const root = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');

/** Git-ignored directory for what the scripts download or build. */
export const cache = join(root, '.cache');

export const isRoot = process.getuid() === 0;

export const readJson = (path) => JSON.parse(readFileSync(path, 'utf8'));

/** The manifest of the repository. */
export const manifest = readJson(join(root, 'package.json'));

/** Every package below packages/: `{ dir, name, manifest }`, in alphabetical order. */
export function packages() {
  return readdirSync(join(root, 'packages'))
    .sort()
    .map((entry) => join(root, 'packages', entry))
    .filter((dir) => existsSync(join(dir, 'package.json')))
    .map((dir) => {
      const own = readJson(join(dir, 'package.json'));
      return { dir, name: own.name, manifest: own };
    });
}

/** Absolute path of a program on PATH, or undefined. */
export function which(program, path = process.env.PATH ?? '') {
  for (const dir of path.split(delimiter).filter(Boolean)) {
    const candidate = join(dir, program);
    try {
      accessSync(candidate, constants.X_OK);
      return candidate;
    } catch (error) {
      if (!['ENOENT', 'EACCES', 'ENOTDIR'].includes(error.code)) throw error;
    }
  }
  return undefined;
}

const commandLine = (command, args) => [command, ...args].join(' ');

/** A program that a script called did not end with 0. */
export class CommandError extends Error {
  constructor(command, args, result) {
    const end = result.signal ? `was killed by ${result.signal}` : `ended with ${result.status}`;
    super(`${commandLine(command, args)} ${end}${result.stderr ? `:\n${result.stderr}` : ''}`);
    this.status = result.status;
  }
}

function call(command, args, options) {
  const result = spawnSync(command, args, { cwd: root, maxBuffer: 1 << 28, ...options });
  if (result.error) throw new Error(`${commandLine(command, args)} could not be run: ${result.error.message}`);
  return result;
}

/** Runs a program with our standard streams; throws {@link CommandError} when it does not end with 0. */
export function run(command, args, options = {}) {
  const result = call(command, args, { stdio: 'inherit', ...options });
  if (result.status !== 0) throw new CommandError(command, args, result);
}

/** What a program wrote to its standard output; throws {@link CommandError} when it does not end with 0. */
export function capture(command, args, options = {}) {
  const result = call(command, args, { encoding: 'utf8', ...options });
  if (result.status !== 0) throw new CommandError(command, args, result);
  return result.stdout;
}

/** Exit status and output of a program that may fail: `{ status, signal, stdout, stderr }`. */
export const attempt = (command, args, options = {}) => call(command, args, { encoding: 'utf8', ...options });
