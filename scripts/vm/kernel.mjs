/** A kernel for the guest: Debian's stock one, downloaded once, unpacked to what QEMU and the guest need. */

import { execFileSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { attempt, cache, capture, run } from '../lib/workspace.mjs';

const dir = join(cache, 'vm');

/** Path of the .deb of a package, downloaded once. */
function debOf(name) {
  const downloads = join(dir, 'deb');
  mkdirSync(downloads, { recursive: true });
  const find = () => readdirSync(downloads).find((file) => file.startsWith(`${name}_`));
  if (!find()) {
    console.log(`vm: downloading ${name}`);
    capture('apt-get', ['-qq', '-o', 'APT::Sandbox::User=root', 'download', name], { cwd: downloads });
  }
  return join(downloads, find());
}

/** Packages that the guest has beside those of this machine: kmod, and iptables with its libraries, which criu calls. */
const programs = [
  ...['kmod', 'iptables', 'libxtables12', 'libip4tc2', 'libip6tc2', 'libmnl0', 'libnftnl11', 'libnfnetlink0'],
  'libnetfilter-conntrack3',
];

/** Name of the package of Debian's current kernel. */
function kernelPackage() {
  const find = () =>
    /Depends: (linux-image-\S+)/.exec(attempt('apt-cache', ['depends', 'linux-image-amd64']).stdout)?.[1];
  const name = find();
  if (name) return name;
  console.log('vm: apt knows no kernel yet: apt-get update');
  run('apt-get', ['update', '-qq']);
  const found = find();
  if (!found)
    throw new Error('apt-cache knows no package linux-image-amd64: this is no Debian, or a mirror is missing');
  return found;
}

/** What the guest boots: `{ vmlinux, layer, initrd }`, where the last is the content of its initramfs but /init. */
export function prepareKernel() {
  const name = kernelPackage();
  const deb = debOf(name);
  const base = join(dir, basename(deb, '.deb'));
  const result = { vmlinux: join(base, 'vmlinux'), layer: join(base, 'layer'), initrd: join(base, 'initrd') };
  const complete = join(base, 'complete');
  if (existsSync(complete) && readFileSync(complete, 'utf8') === programs.join(' ')) return result;
  console.log(`vm: unpacking ${basename(deb)}`);
  rmSync(base, { recursive: true, force: true });
  const unpacked = join(base, 'unpacked');
  mkdirSync(unpacked, { recursive: true });
  for (const file of [deb, ...programs.map(debOf)]) execFileSync('dpkg', ['-x', file, unpacked]);
  buildLayer(unpacked, result.layer);
  const [version] = readdirSync(join(result.layer, 'usr/lib/modules'));
  const tool = (program, args) => {
    const link = join(base, program);
    if (!existsSync(link)) symlinkSync(join(result.layer, 'usr/bin/kmod'), link);
    return execFileSync(link, args, { encoding: 'utf8' });
  };
  tool('depmod', ['-b', result.layer, version]);
  writeFileSync(result.vmlinux, uncompressed(join(unpacked, `boot/vmlinuz-${version}`)));
  buildInitrd(result.initrd, tool('modprobe', ['-d', result.layer, '-S', version, '--show-depends', '-a', ...modules]));
  rmSync(unpacked, { recursive: true });
  writeFileSync(complete, programs.join(' '));
  return result;
}

/** Modules that the guest needs before it has a root file system. */
const modules = ['virtio_pci', '9pnet_virtio', '9p', 'overlay', 'virtio_blk', 'ext4', 'crc32c_generic'];

/** The kernel's modules and the programs, as a tree to lay over a root file system whose /lib is a link to /usr/lib. */
function buildLayer(unpacked, layer) {
  mkdirSync(join(layer, 'usr'), { recursive: true });
  for (const name of ['lib', 'bin', 'sbin']) {
    const merged = join(layer, 'usr', name);
    for (const from of [join(unpacked, name), join(unpacked, 'usr', name)])
      if (existsSync(from)) cpSync(from, merged, { recursive: true, verbatimSymlinks: true });
  }
  if (!lstatSync(join(layer, 'lib'), { throwIfNoEntry: false })) symlinkSync('usr/lib', join(layer, 'lib'));
  // What its installation does: the names of the program that translates to nftables.
  for (const name of ['iptables', 'ip6tables'].flatMap((each) => [each, `${each}-restore`, `${each}-save`]))
    symlinkSync('xtables-nft-multi', join(layer, 'usr/sbin', name));
}

/** Compressors by the bytes that their files begin with. */
const compressions = [
  { magic: Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a]), command: ['xz', ['-dc']] },
  { magic: Buffer.from([0x28, 0xb5, 0x2f, 0xfd]), command: ['zstd', ['-dc']] },
];

/** The kernel itself out of its boot image: decompressing it inside the emulated machine takes long. */
function uncompressed(path) {
  const image = readFileSync(path);
  for (const { magic, command } of compressions) {
    for (let at = image.indexOf(magic); at >= 0; at = image.indexOf(magic, at + 1)) {
      const kernel = decompress(command, image.subarray(at));
      if (kernel.subarray(1, 4).toString('latin1') === 'ELF') return kernel;
    }
  }
  throw new Error(`${path} holds no kernel that xz or zstd can unpack`);
}

/** What follows the compressed part makes the programs fail after they have written all of it. */
function decompress([program, args], input) {
  try {
    return execFileSync(program, args, { input, maxBuffer: 1 << 30, stdio: ['pipe', 'pipe', 'ignore'] });
  } catch (error) {
    if (error.code === 'ENOENT') throw error;
    return error.stdout ?? Buffer.alloc(0);
  }
}

function buildInitrd(initrd, dependencies) {
  mkdirSync(join(initrd, 'mod'), { recursive: true });
  mkdirSync(join(initrd, 'bin'));
  const files = [...new Set([...dependencies.matchAll(/^insmod (\S+)/gm)].map((match) => match[1]))];
  const names = files.map((file) => {
    const name = basename(file, '.xz');
    const target = join(initrd, 'mod', name);
    if (file.endsWith('.xz')) writeFileSync(target, decompress(['xz', ['-dc']], readFileSync(file)));
    else linkSync(file, target);
    return name;
  });
  writeFileSync(join(initrd, 'modules.list'), `${names.join('\n')}\n`);
  cpSync(busybox(), join(initrd, 'bin/busybox'));
}

function busybox() {
  const found = ['/usr/bin/busybox', '/bin/busybox'].find((path) => existsSync(path));
  if (!found) throw new Error('there is no busybox: apt-get install busybox-static');
  return found;
}
