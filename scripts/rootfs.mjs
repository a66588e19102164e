#!/usr/bin/env node
/**
 * Builds root file systems to start containers in.
 *
 *   node scripts/rootfs.mjs busybox DIR    a few hundred commands in one static program, made in milliseconds
 *   node scripts/rootfs.mjs debian DIR     Debian's minimal system; downloaded once (root, network), then cached
 *
 * DIR is made; it must not exist or be empty.
 */
import {
  chmodSync,
  closeSync,
  constants,
  copyFileSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cache, capture, isRoot, run, which } from './lib/workspace.mjs';

// Names and numbers are those of Debian's base-passwd.
const PASSWD = `root:x:0:0:root:/root:/bin/sh
daemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin
bin:x:2:2:bin:/bin:/usr/sbin/nologin
sys:x:3:3:sys:/dev:/usr/sbin/nologin
www-data:x:33:33:www-data:/var/www:/usr/sbin/nologin
nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin
`;

const GROUP = `root:x:0:
daemon:x:1:
bin:x:2:
sys:x:3:
adm:x:4:
tty:x:5:
disk:x:6:
www-data:x:33:
audio:x:29:
video:x:44:
plugdev:x:46:
users:x:100:
nogroup:x:65534:
`;

const DIRECTORIES = [
  ['bin', 0o755],
  ['sbin', 0o755],
  ['usr/bin', 0o755],
  ['usr/sbin', 0o755],
  ['etc', 0o755],
  ['var/www', 0o755],
  ['home', 0o755],
  ['proc', 0o555],
  ['sys', 0o555],
  ['dev', 0o755],
  ['root', 0o700],
  ['tmp', 0o1777],
];

/** True when the ELF file names no interpreter, so that it runs where there is no C library. */
function isStatic(path) {
  const PT_INTERP = 3;
  const head = Buffer.alloc(4096);
  const fd = openSync(path, constants.O_RDONLY);
  try {
    readSync(fd, head, 0, head.length, 0);
  } finally {
    closeSync(fd);
  }
  if (head.readUInt32BE(0) !== 0x7f454c46 || head[4] !== 2) throw new Error(`${path} is not a 64-bit ELF file`);
  const offset = Number(head.readBigUInt64LE(32));
  const [size, count] = [head.readUInt16LE(54), head.readUInt16LE(56)];
  for (let i = 0; i < count; i++) if (head.readUInt32LE(offset + i * size) === PT_INTERP) return false;
  return true;
}

/** Path of a static busybox; throws when there is none. */
export function findBusybox() {
  const found = which('busybox', `${process.env.PATH ?? ''}:/usr/bin:/bin`);
  const remedy = 'on Debian: apt-get install busybox-static';
  if (!found) throw new Error(`there is no busybox on PATH; ${remedy}`);
  if (!isStatic(found)) throw new Error(`${found} is linked dynamically and would not run in an empty root; ${remedy}`);
  return found;
}

function makeEmpty(dir) {
  mkdirSync(dir, { recursive: true });
  if (readdirSync(dir).length > 0) throw new Error(`${dir} is not empty`);
}

/** Makes a busybox root file system in `dir`, which must be empty or not exist, and returns its absolute path. */
export function buildBusyboxRootfs(dir) {
  const target = resolve(dir);
  const busybox = findBusybox();
  makeEmpty(target);
  chmodSync(target, 0o755);
  for (const [path, mode] of DIRECTORIES) {
    mkdirSync(join(target, path), { recursive: true });
    chmodSync(join(target, path), mode);
  }
  copyFileSync(busybox, join(target, 'bin/busybox'));
  chmodSync(join(target, 'bin/busybox'), 0o755);
  const applets = capture(busybox, ['--list-full'])
    .split('\n')
    .filter((path) => path.includes('/'));
  for (const path of applets) {
    if (path !== 'bin/busybox') symlinkSync('/bin/busybox', join(target, path));
  }
  writeFileSync(join(target, 'etc/passwd'), PASSWD);
  writeFileSync(join(target, 'etc/group'), GROUP);
  writeFileSync(join(target, 'etc/hosts'), '127.0.0.1 localhost\n::1 localhost\n');
  return target;
}

function debianSuite() {
  const fields = existsSync('/etc/os-release') ? readFileSync('/etc/os-release', 'utf8').split('\n') : [];
  const value = (name) =>
    fields
      .find((line) => line.startsWith(`${name}=`))
      ?.slice(name.length + 1)
      .replaceAll('"', '');
  return (value('ID') === 'debian' && value('VERSION_CODENAME')) || 'stable';
}

/** Path of the cached archive of Debian's minimal system, downloaded when it is not there yet. Needs root. */
export function debianArchive() {
  const suite = debianSuite();
  const archive = join(cache, 'rootfs', `debian-${suite}-${process.arch}.tar`);
  if (existsSync(archive)) return archive;
  if (!isRoot) throw new Error(`${archive} does not exist, and only root can make it`);
  mkdirSync(dirname(archive), { recursive: true });
  const partial = `${archive}.${process.pid}.tar`;
  try {
    if (which('mmdebstrap')) {
      run('mmdebstrap', ['--quiet', '--variant=minbase', suite, partial]);
    } else if (which('debootstrap')) {
      const tree = `${archive}.${process.pid}`;
      run('debootstrap', ['--variant=minbase', suite, tree]);
      run('tar', ['--create', '--file', partial, '--one-file-system', '--directory', tree, '.']);
      run('rm', ['--recursive', '--one-file-system', tree]);
    } else {
      throw new Error('there is no mmdebstrap and no debootstrap; on Debian: apt-get install mmdebstrap');
    }
    renameSync(partial, archive);
  } finally {
    rmSync(partial, { force: true });
  }
  return archive;
}

/** Unpacks Debian's minimal system into `dir`, which must be empty or not exist; returns its absolute path. */
export function buildDebianRootfs(dir) {
  const target = resolve(dir);
  const archive = debianArchive();
  makeEmpty(target);
  // Device nodes are the container's business.
  run('tar', ['--extract', '--file', archive, '--directory', target, '--numeric-owner', '--exclude=./dev/*']);
  return target;
}

const BUILDERS = { busybox: buildBusyboxRootfs, debian: buildDebianRootfs };

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [kind, dir, ...rest] = process.argv.slice(2);
  const build = Object.hasOwn(BUILDERS, kind ?? '') ? BUILDERS[kind] : undefined;
  if (!build || !dir || rest.length > 0) {
    console.error('usage: node scripts/rootfs.mjs busybox|debian DIR');
    process.exitCode = 2;
  } else {
    try {
      console.log(build(dir));
    } catch (error) {
      console.error(`rootfs: ${error.message}`);
      process.exitCode = 1;
    }
  }
}
