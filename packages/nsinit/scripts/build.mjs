// Bundles the command line and the packages that it is made of into a few files, which Node loads many times faster than
// the modules one by one, and puts nsexec beside them: nsinit.cjs is what every call needs, exec.cjs the one command that
// has to be there in milliseconds, and commands.cjs all of them.
//
//   node scripts/build.mjs [DIR]    into DIR (for tests) instead of this package
import { createHash } from 'node:crypto';
import { chmodSync, copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';

const root = fileURLToPath(new URL('..', import.meta.url));
const target = resolve(process.argv[2] ?? root);
const dist = join(target, 'dist');

/** Modules of Node are loaded where they are used first: some cost milliseconds, and no command needs all of them. */
const lazyBuiltins = {
  name: 'lazy-builtins',
  renderChunk(code) {
    let changed = code;
    for (const [declaration, name, specifier] of code.matchAll(/\b(node_\w+) = require\(("node:[^"]+")\)/g)) {
      const uses = [...changed.matchAll(new RegExp(`\\b${name}\\b`, 'g'))].length - 1;
      const members = [...changed.matchAll(new RegExp(`\\b${name}\\.(?=\\w)`, 'g'))].length;
      if (uses !== members) throw new Error(`${specifier} is used in another way than by its members`);
      changed = changed
        .replace(declaration, () => `${name} = { get $() { return ${name}$ ??= require(${specifier}); } }, ${name}$`)
        .replace(new RegExp(`\\b${name}\\.(?=\\w)`, 'g'), () => `${name}.$.`);
    }
    return { code: changed, map: null };
  },
};

/** Strings of one byte a character are read and scanned faster, and the code cache counts on it. */
const asciiOnly = {
  name: 'ascii-only',
  generateBundle(_options, bundle) {
    const escaped = (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
    for (const chunk of Object.values(bundle)) chunk.code = chunk.code.replace(/[^\0-\x7f]/g, escaped);
  },
};

/** The library of D-Bus is a file of its own, for those who ask for systemd: it is larger than all the rest. */
const bundledDbus = {
  name: 'bundled-dbus',
  resolveId(specifier) {
    return specifier === './dbus-next.cjs' ? { id: specifier, external: true } : undefined;
  },
  load(id) {
    if (!id.endsWith('/cgroups/src/systemd/load-library.ts')) return null;
    return { code: "export const loadLibrary = () => require('./dbus-next.cjs');", moduleType: 'js' };
  },
};

/** The bundle loads its commands from the other files. */
const bundledCommands = {
  name: 'bundled-commands',
  resolveId(specifier) {
    return specifier.endsWith('/loading/commands.ts') ? join(root, 'src/loading/bundled.ts') : undefined;
  },
};

async function bundle(input, name, { plugins = [], banner = '', define = {}, wrap = (code) => code } = {}) {
  const build = await rolldown({
    input: join(root, 'src', input),
    platform: 'node',
    external: [/^node:/, 'koffi'],
    resolve: { conditionNames: ['@nsinit/source', 'node', 'import'] },
    transform: { target: 'node20', define },
    plugins: [bundledDbus, lazyBuiltins, asciiOnly, ...plugins],
    // On a busy machine everything takes long, and a warning ends the build.
    checks: { bundlerTimings: false },
    onLog(level, log, handle) {
      if (level === 'warn') throw new Error(`${log.code}: ${log.message}`);
      handle(level, log);
    },
  });
  const file = join(dist, name);
  // Names stay: they are all that a stack trace has to say.
  const minify = { compress: true, mangle: false, codegen: true };
  await build.write({ file, format: 'cjs', codeSplitting: false, banner, minify });
  await build.close();
  const code = wrap(readFileSync(file, 'latin1'));
  writeFileSync(file, code);
  console.log(`${name}: ${code.length} bytes`);
  return createHash('sha256').update(code).digest('hex').slice(0, 16);
}

/** Its addon for passing descriptors stays out: it would have to be compiled, and systemd is asked for without. */
async function bundleDbus() {
  const build = await rolldown({
    input: createRequire(import.meta.url).resolve('dbus-next'),
    platform: 'node',
    external: [/^node:/, 'usocket', 'x11'],
  });
  const { output } = await build.write({
    file: join(dist, 'dbus-next.cjs'),
    format: 'cjs',
    codeSplitting: false,
    minify: true,
  });
  await build.close();
  const owners = new Set(output[0].moduleIds.flatMap((id) => /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(id) ?? []));
  writeFileSync(join(dist, 'dbus-next.LICENSES'), [...owners].map(licenseOf).join('\n'));
  console.log(`dbus-next.cjs: ${output[0].code.length} bytes`);
}

/** What the authors of a bundled package want to go with it. */
function licenseOf(dir) {
  const manifest = JSON.parse(readFileSync(join(dir, 'package.json'), 'utf8'));
  const { name, version, licenses = [] } = manifest;
  const license = [manifest.license, ...licenses]
    .filter(Boolean)
    .map((terms) => terms.type ?? terms)
    .join(' or ');
  const file = readdirSync(dir).find((entry) => /^licen[cs]e/i.test(entry));
  const text = file === undefined ? `${license}\n` : readFileSync(join(dir, file), 'utf8');
  return `---- ${name} ${version} (${license})\n\n${text}`;
}

function copyExecutors() {
  const from = fileURLToPath(new URL('bin', import.meta.resolve('@nsinit/namespaces/package.json')));
  const to = join(target, 'bin');
  rmSync(to, { recursive: true, force: true });
  mkdirSync(to);
  for (const name of readdirSync(from)) {
    copyFileSync(join(from, name), join(to, name));
    chmodSync(join(to, name), 0o755);
  }
}

for (const stale of [dist, join(target, '.cache/code')]) rmSync(stale, { recursive: true, force: true });
// Function expressions, as the code cache wants them: wrapping them at each start would copy all of their text.
const wrap = (code) => `(function (exports, require, module, __filename, __dirname) {${code}\n})`;
const ids = {
  exec: await bundle('commands/exec.ts', 'exec.cjs', { wrap }),
  commands: await bundle('commands/index.ts', 'commands.cjs', { wrap }),
};
await bundle('bin.ts', 'nsinit.cjs', {
  plugins: [bundledCommands],
  banner: '#!/usr/bin/env node',
  define: { BUNDLES: JSON.stringify(ids) },
});
chmodSync(join(dist, 'nsinit.cjs'), 0o755);
await bundleDbus();
copyExecutors();
if (target !== root) copyFileSync(join(root, 'package.json'), join(target, 'package.json'));
