import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** newuidmap(1) or newgidmap(1) as it is found in PATH; undefined: it is not installed. */
export function findHelper(kind: 'uid' | 'gid'): string | undefined {
  return (process.env['PATH'] ?? '')
    .split(delimiter)
    .map((dir) => join(dir || '.', `new${kind}map`))
    .find(isProgram);
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'EACCES' || code === 'ENOTDIR') return false;
    throw error;
  }
}
