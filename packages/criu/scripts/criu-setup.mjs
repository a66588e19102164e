#!/usr/bin/env node
/**
 * Puts the criu of a newer Debian below .cache/criu and prints the path of a wrapper that starts it. The machine's own
 * packages stay as they are: apt works in a directory of its own, and criu runs with the libraries unpacked beside it.
 *
 *   node packages/criu/scripts/criu-setup.mjs            prints the wrapper's path; downloads on the first run only
 *   node packages/criu/scripts/criu-setup.mjs --force    again, from the mirror
 *   node packages/criu/scripts/criu-setup.mjs --suite forky    another release's than trixie's, beside the first
 *
 * Older releases of criu fail on new kernels (`Unexpected rt vDSO area bounds`), so the tests bring their own. Needs
 * a Debian machine and its network mirror, but not root.
 */
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

/** libcriu-dev has the published rpc.proto, which the tests compare the message tables with. */
const PACKAGES = ['criu', 'libcriu-dev'];

const cache = fileURLToPath(new URL('../../../.cache/', import.meta.url));

const { values } = parseArgs({ options: { force: { type: 'boolean' }, suite: { type: 'string', default: 'trixie' } } });
const { force, suite } = values;
const target = join(cache, suite === 'trixie' ? 'criu' : `criu-${suite}`);
const wrapper = join(target, 'criu');

function run(command, args) {
  const result = spawnSync(command, args, { encoding: 'utf8', maxBuffer: 1 << 26 });
  if (result.error) throw new Error(`${command} could not be run: ${result.error.message}`);
  if (result.status !== 0)
    throw new Error(`${command} ${args.join(' ')} ended with ${result.status}:\n${result.stderr}`);
  return result.stdout;
}

const codename = () => /^VERSION_CODENAME=(\S+)$/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1];

/** Every source of packages that the machine is configured with, of both formats. sources.list(5) */
function configuredSources() {
  const dir = '/etc/apt/sources.list.d';
  const files = [
    '/etc/apt/sources.list',
    ...(existsSync(dir)
      ? readdirSync(dir)
          .sort()
          .map((name) => join(dir, name))
      : []),
  ];
  const sources = [];
  for (const file of files.filter(existsSync)) {
    const text = readFileSync(file, 'utf8');
    if (file.endsWith('.sources')) {
      for (const stanza of text.replace(/^#.*\n?/gm, '').split(/\n\s*\n/)) {
        const field = (name) => new RegExp(`^${name}:\\s*(.+)$`, 'mi').exec(stanza)?.[1].trim();
        const [uri] = (field('URIs') ?? '').split(/\s+/);
        if (uri) sources.push({ uri, suites: (field('Suites') ?? '').split(/\s+/), signedBy: field('Signed-By') });
      }
    } else if (file.endsWith('.list')) {
      for (const [, options, uri, suite] of text.matchAll(/^deb\s+(?:\[([^\]]*)\]\s+)?(\S+)\s+(\S+)/gm)) {
        sources.push({ uri, suites: [suite], signedBy: /signed-by=(\S+)/.exec(options ?? '')?.[1] });
      }
    }
  }
  return sources;
}

/** The machine's own Debian mirror, with another release's name. */
function mirror() {
  const own = codename();
  const found = configuredSources().find(({ suites }) => own !== undefined && suites.includes(own));
  if (!found)
    throw new Error(`no Debian mirror for the release ${JSON.stringify(own)} in /etc/apt: a Debian machine is needed`);
  const keyring = found.signedBy ?? '/usr/share/keyrings/debian-archive-keyring.gpg';
  return `Types: deb\nURIs: ${found.uri}\nSuites: ${suite}\nComponents: main\nSigned-By: ${keyring}\n`;
}

/** The packages and all that they depend on, as .deb files: with no package taken as installed. */
function download(dir) {
  for (const part of ['state/lists/partial', 'archives/partial']) mkdirSync(join(dir, part), { recursive: true });
  writeFileSync(join(dir, 'mirror.sources'), mirror());
  writeFileSync(join(dir, 'state/status'), '');
  const settings = {
    'Dir::Etc::sourcelist': join(dir, 'mirror.sources'),
    'Dir::Etc::sourceparts': '/dev/null',
    'Dir::State': join(dir, 'state'),
    'Dir::State::status': join(dir, 'state/status'),
    'Dir::Cache': dir,
    // apt gives its privileges up for a download, and that user cannot write here.
    'APT::Sandbox::User': '',
    'Debug::NoLocking': '1',
    'Acquire::Retries': '5',
    // Else an index that cannot be had is a warning, and the packages are said not to exist.
    'APT::Update::Error-Mode': 'any',
  };
  const options = Object.entries(settings).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
  run('apt-get', [...options, '-qq', 'update']);
  run('apt-get', [...options, '-qq', '--yes', '--no-install-recommends', '--download-only', 'install', ...PACKAGES]);
  return readdirSync(join(dir, 'archives'))
    .filter((name) => name.endsWith('.deb'))
    .map((name) => join(dir, 'archives', name));
}

/** The dynamic loader and the directories of the libraries, for the machine that this is. */
function layout() {
  const layouts = {
    x64: { loader: 'usr/lib64/ld-linux-x86-64.so.2', triplet: 'x86_64-linux-gnu' },
    arm64: { loader: 'usr/lib/ld-linux-aarch64.so.1', triplet: 'aarch64-linux-gnu' },
  };
  const found = layouts[process.arch];
  if (!found) throw new Error(`no layout is known for the architecture ${process.arch}`);
  return found;
}

/** Several test files may come here at once: the first one wins. */
function publish(made) {
  try {
    renameSync(made, target);
  } catch (error) {
    if (!['ENOTEMPTY', 'EEXIST'].includes(error.code)) throw error;
  }
}

function install() {
  mkdirSync(cache, { recursive: true });
  const work = mkdtempSync(join(cache, 'criu-setup-'));
  try {
    const made = join(work, 'made');
    mkdirSync(join(made, 'root'), { recursive: true });
    for (const deb of download(work)) run('dpkg-deb', ['-x', deb, join(made, 'root')]);
    const { loader, triplet } = layout();
    // The final path is written, as the directory moves there.
    const root = join(target, 'root');
    const libraries = ['usr/lib', 'lib'].map((dir) => join(root, dir, triplet)).join(':');
    const script = `#!/bin/sh\nexec '${join(root, loader)}' --library-path '${libraries}' '${join(root, 'usr/sbin/criu')}' "$@"\n`;
    writeFileSync(join(made, 'criu'), script);
    chmodSync(join(made, 'criu'), 0o755);
    if (force) rmSync(target, { recursive: true, force: true });
    publish(made);
  } finally {
    rmSync(work, { recursive: true });
  }
}

try {
  if (force || !existsSync(wrapper)) install();
  run(wrapper, ['--version']);
  console.log(wrapper);
} catch (error) {
  console.error(`criu-setup: ${error.message}`);
  process.exitCode = 1;
}
