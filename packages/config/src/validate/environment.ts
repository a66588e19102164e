import type { Checker } from './checker.ts';

/** Every entry is `NAME=value` with a name. */
export function checkEnvironment(env: readonly string[] | undefined, path: string, checker: Checker): void {
  env?.forEach((entry, index) => {
    if (entry.indexOf('=') >= 1) return;
    checker.add(`${path}[${index}]`, `environment entry ${JSON.stringify(entry)} is not NAME=value`);
  });
}
