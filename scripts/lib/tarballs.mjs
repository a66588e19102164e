/** The packages as they are published. */
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { capture, packages } from './workspace.mjs';

/**
 * Packs every package that is published into `dir`: `{ name, dir, manifest, tarball }`. Expects them to be built, and
 * the pinned pnpm on the PATH of `env`, which resolves `workspace:` and `catalog:` and applies publishConfig.
 */
export function packAll(dir, env) {
  mkdirSync(dir, { recursive: true });
  return packages()
    .filter(({ manifest }) => !manifest.private)
    .map((own) => {
      const tarball = join(dir, `${own.name.replace('@', '').replace('/', '-')}.tgz`);
      capture('pnpm', ['pack', '--out', tarball], { cwd: own.dir, env });
      if (!existsSync(tarball)) throw new Error(`pnpm pack did not write ${tarball}`);
      return { ...own, tarball };
    });
}
