// Bundles the command line and the packages that it is made of into one CommonJS file, which Node loads several times
// faster than the modules one by one, and puts nsexec beside it.
import { chmodSync, copyFileSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';

const root = fileURLToPath(new URL('..', import.meta.url));
const output = join(root, 'dist/nsinit.cjs');

async function bundle() {
  const build = await rolldown({
    input: join(root, 'src/bin.ts'),
    platform: 'node',
    external: [/^node:/, 'koffi'],
    resolve: { conditionNames: ['@nsinit/source', 'node', 'import'] },
    transform: { target: 'node20' },
    onLog(level, log, handle) {
      if (level === 'warn') throw new Error(`${log.code}: ${log.message}`);
      handle(level, log);
    },
  });
  await build.write({
    file: output,
    format: 'cjs',
    // Commands are loaded when they are asked for, out of the same file.
    codeSplitting: false,
    banner: '#!/usr/bin/env node',
    minify: false,
  });
  await build.close();
}

function copyExecutors() {
  const from = fileURLToPath(new URL('bin', import.meta.resolve('@nsinit/namespaces/package.json')));
  const to = join(root, 'bin');
  rmSync(to, { recursive: true, force: true });
  mkdirSync(to);
  for (const name of readdirSync(from)) {
    copyFileSync(join(from, name), join(to, name));
    chmodSync(join(to, name), 0o755);
  }
}

rmSync(join(root, 'dist'), { recursive: true, force: true });
await bundle();
chmodSync(output, 0o755);
copyExecutors();
