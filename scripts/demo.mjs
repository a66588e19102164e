#!/usr/bin/env node
/**
 * Shows a container to somebody who has never seen one: builds a root file system out of busybox in a temporary
 * directory, puts examples/demo/container.json into it and runs `nsinit exec` there.
 */
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { attempt, isRoot, readJson, root } from './lib/workspace.mjs';
import { buildBusyboxRootfs } from './rootfs.mjs';

const SECTIONS = [
  ['host name', 'hostname'],
  ['processes: the first one is this script, and there are no others', 'ps'],
  ['mounts', 'mount'],
  ['network', 'ip addr'],
  ['devices', 'ls -l /dev'],
  ['capabilities', 'grep ^Cap /proc/self/status'],
];

const bold = (text) => (process.stdout.isTTY ? `\\033[1m${text}\\033[0m` : text);

const script = SECTIONS.map(([title, command]) => `printf '\\n${bold(title)}\\n$ ${command}\\n'\n${command}\n`).join(
  '',
);

/** The built command line of packages/nsinit. */
function nsinit() {
  const dir = join(root, 'packages', 'nsinit');
  return join(dir, readJson(join(dir, 'package.json')).bin.nsinit);
}

/** Names of the capabilities in the status of a process. */
async function effectiveCapabilities(status) {
  const { maskNames } = await import(join(root, 'packages/capabilities/dist/index.js'));
  return maskNames(BigInt(`0x${/^CapEff:\s*([0-9a-f]+)$/m.exec(status)[1]}`));
}

async function demo() {
  const work = mkdtempSync(join(tmpdir(), 'nsinit-demo-'));
  try {
    const rootfs = buildBusyboxRootfs(join(work, 'rootfs'));
    copyFileSync(join(root, 'examples/demo/container.json'), join(rootfs, 'container.json'));
    writeFileSync(join(rootfs, 'demo.sh'), script);
    console.log(`in ${rootfs}, with examples/demo/container.json:\n$ nsinit exec /bin/sh demo.sh`);
    const args = ['exec', '--id', `demo_${process.pid}`, '/bin/sh', 'demo.sh'];
    const result = attempt(process.execPath, [nsinit(), ...args], {
      cwd: rootfs,
      stdio: ['inherit', 'pipe', 'inherit'],
    });
    process.stdout.write(result.stdout);
    if (result.status !== 0) throw new Error(`nsinit exec ended with ${result.signal ?? `status ${result.status}`}`);
    console.log(`which are: ${(await effectiveCapabilities(result.stdout)).join(', ')}`);
    console.log('\nThe container ended with its first process, and nothing is left of it.');
    console.log(
      'To look around in one yourself: node scripts/rootfs.mjs busybox DIR; cd DIR; nsinit exec --tty /bin/sh',
    );
  } finally {
    const mounted = readFileSync('/proc/self/mountinfo', 'utf8').includes(` ${work}`);
    if (mounted) console.error(`demo: ${work} is left as it is, because something is mounted there`);
    else rmSync(work, { recursive: true });
  }
}

if (!isRoot) {
  console.error('demo: making a container needs root; run it again with sudo');
  process.exitCode = 1;
} else {
  try {
    await demo();
  } catch (error) {
    console.error(`demo: ${error.message}`);
    process.exitCode = 1;
  }
}
