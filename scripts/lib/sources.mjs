/** What the sources of a package import. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';

const IMPORT =
  /(?:^|[\s;{}(])(?:import|export)\b[^'";]*?from\s*'([^']+)'|\bimport\s*\(\s*'([^']+)'|(?:^|[\s;])import\s+'([^']+)'/g;
const COMMENT = /\/\*[\s\S]*?\*\/|(?<=^|\s)\/\/.*$/gm;

/** Every TypeScript file below `src` of a package: `{ path, text, lines, isTest }`, the path relative to the package. */
export function sources(dir) {
  return readdirSync(join(dir, 'src'), { recursive: true })
    .map(String)
    .filter((path) => path.endsWith('.ts') && !path.split('/').includes('fixtures'))
    .sort()
    .map((path) => {
      const text = readFileSync(join(dir, 'src', path), 'utf8');
      const isTest =
        /\.test\.(?:\w+\.)?ts$/.test(path) || path.split('/').some((part) => part === 'testing' || part === 'test');
      return { path: join('src', path), text, lines: text.split('\n').length - 1, isTest };
    });
}

/** Specifiers that the text of a module imports or exports from, comments aside. */
export function imports(text) {
  return [...text.replace(COMMENT, '').matchAll(IMPORT)].map((match) => match[1] ?? match[2] ?? match[3]);
}

/** Name of the package that a specifier leads to; undefined for a relative one and for a module of Node itself. */
export function packageOf(specifier) {
  if (/^(\.|node:|#)/.test(specifier)) return undefined;
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}

/** True when a relative specifier in the file leads out of the package. */
export function leavesPackage(dir, file, specifier) {
  if (!specifier.startsWith('.')) return false;
  return relative(dir, resolve(dirname(join(dir, file)), specifier)).startsWith('..');
}
