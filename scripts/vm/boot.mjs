/** Runs a command as root in a throw-away machine: QEMU without hardware help, this machine's own root read-only below. */
import { spawn, spawnSync } from 'node:child_process';
import {
  closeSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { capture, isRoot, which } from '../lib/workspace.mjs';
import { prepareKernel } from './kernel.mjs';

/** Programs that are needed, with the Debian packages that have them. */
const needs = {
  'qemu-system-x86_64': 'qemu-system-x86',
  busybox: 'busybox-static',
  xz: 'xz-utils',
  zstd: 'zstd',
  'mkfs.ext4': 'e2fsprogs',
  dpkg: 'dpkg',
  'apt-get': 'apt',
};

/** Files of packages that the guest needs of this machine. */
const guestNeeds = {
  '/lib/systemd/systemd': 'systemd',
  '/usr/bin/dbus-daemon': 'dbus',
  '/lib/systemd/systemd-logind': 'systemd',
  '/usr/lib/systemd/user/dbus.socket': 'dbus-user-session',
  '/lib/x86_64-linux-gnu/security/pam_systemd.so': 'libpam-systemd',
  '/usr/sbin/criu': 'criu',
};

/** Why the machine cannot be run here, with the remedy, or undefined. */
export function whyNoGuest() {
  if (process.arch !== 'x64')
    return `the emulated machine runs this machine's own programs, and is x86-64: not ${process.arch}`;
  if (!isRoot) return 'the emulated machine has the root file system of this one, whole: that needs root';
  const missing = missingPackages();
  if (missing.length === 0) return undefined;
  return `the emulated machine needs Debian packages: apt-get install ${missing.join(' ')}`;
}

function missingPackages() {
  const path = `${process.env.PATH ?? ''}:/usr/sbin:/sbin`;
  const programs = Object.entries(needs).filter(([program]) => !which(program, path));
  const files = Object.entries(guestNeeds).filter(([file]) => !existsSync(file));
  return [...new Set([...programs, ...files].map(([, name]) => name))];
}

/**
 * Boots, runs, and gives the command's exit status and the directory that the guest had as /vmtest. 125: the guest went
 * down without a word; 124: it took longer than `limitSeconds`. Debian's kernel panics now and then when it runs on
 * emulated CPUs, and an assertion of QEMU fails, which says nothing about the command: then it is run once more, and
 * the log says so.
 *
 * @param copy - a directory that the guest gets a writable copy of, at the path `at`.
 * @param security - the security module that labels or confines: apparmor or selinux. One of them can be in use.
 */
export async function runInGuest(command, options) {
  const result = await runOnce(command, options);
  const crash =
    result.status === 125 &&
    /^.*(?:Kernel panic|qemu-system.*Assertion).*$/m.exec(readFileSync(join(result.out, 'console'), 'utf8'))?.[0];
  if (!crash) return result;
  console.error(`vm: the machine crashed; everything is run once more: ${crash.trim()}`);
  result.remove();
  return await runOnce(command, options);
}

async function runOnce(command, { copy, at, security = 'apparmor', limitSeconds = 1800, memory = '2G', cpus = 2 }) {
  const kernel = prepareKernel();
  const work = mkdtempSync(join(tmpdir(), 'nsinit-vm-'));
  const out = join(work, 'out');
  mkdirSync(out);
  try {
    packInitrd(kernel.initrd, join(work, 'initrd'));
    capture('mkfs.ext4', [
      '-q',
      '-F',
      '-O',
      '^has_journal,^resize_inode',
      '-i',
      '8192',
      '-d',
      copy,
      join(work, 'copy'),
      '2G',
    ]);
    writeFileSync(join(out, '.copy'), `${at}\n`);
    writeFileSync(join(out, '.run'), guestScript(command, at));
    writeFileSync(join(out, 'log'), '');
    const end = await boot({ kernel, work, out, security, limitSeconds, memory, cpus });
    const status = existsSync(join(out, 'status')) ? Number(readFileSync(join(out, 'status'), 'utf8')) : undefined;
    if (status === undefined) console.error(tail(readFileSync(join(out, 'console'), 'utf8')));
    return { status: status ?? (end === 'late' ? 124 : 125), out, remove: () => rmSync(work, { recursive: true }) };
  } catch (error) {
    rmSync(work, { recursive: true });
    throw error;
  }
}

const tail = (text) => text.split('\n').slice(-30).join('\n');

const quote = (text) => `'${text.replaceAll("'", "'\\''")}'`;

function guestScript(command, at) {
  return [
    'export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8',
    'ip link set lo up 2>/dev/null || busybox ip link set lo up',
    `cd ${quote(at)}`,
    command.map(quote).join(' '),
    's=$?; echo $s >/vmtest/status; sync; exit $s',
    '',
  ].join('\n');
}

function packInitrd(content, target) {
  const init = fileURLToPath(new URL('./init.sh', import.meta.url));
  cpSync(init, join(content, 'init'));
  const fd = openSync(target, 'w');
  try {
    const script = 'chmod 755 init && find . | busybox cpio -o -H newc 2>/dev/null';
    const result = spawnSync('sh', ['-c', script], { cwd: content, stdio: ['ignore', fd, 'inherit'] });
    if (result.status !== 0) throw new Error('the initramfs could not be packed');
  } finally {
    closeSync(fd);
  }
}

const commandLine = (security) =>
  [
    `console=ttyS0 panic=-1 quiet mitigations=off apparmor=1 security=${security} psi=1`,
    'systemd.unified_cgroup_hierarchy=1 systemd.unit=vmtest.target systemd.show_status=0 systemd.log_color=0',
    // Under emulation the kernel distrusts the clock otherwise, and takes a slow one.
    'tsc=reliable no_timer_check nohpet',
  ].join(' ');

async function boot({ kernel, work, out, security, limitSeconds, memory, cpus }) {
  const share = (id, path, mode) => [
    '-fsdev',
    `local,id=${id},path=${path},security_model=none${mode}`,
    '-device',
    `virtio-9p-pci,fsdev=${id},mount_tag=${id}`,
  ];
  const console_ = openSync(join(out, 'console'), 'w');
  const qemu = spawn(
    'qemu-system-x86_64',
    [
      ...['-M', 'q35', '-accel', 'tcg,thread=multi', '-cpu', 'max', '-smp', String(cpus), '-m', memory],
      ...['-nodefaults', '-no-user-config', '-no-reboot', '-display', 'none', '-serial', 'stdio'],
      ...[
        '-device',
        'virtio-rng-pci',
        '-kernel',
        kernel.vmlinux,
        '-initrd',
        join(work, 'initrd'),
        '-append',
        commandLine(security),
      ],
      ...share('host', '/', ',readonly=on,multidevs=remap'),
      ...share('layer', kernel.layer, ',readonly=on,multidevs=remap'),
      ...share('out', out, ''),
      ...['-drive', `file=${join(work, 'copy')},format=raw,if=none,id=copy,cache=unsafe`],
      ...['-device', 'virtio-blk-pci,drive=copy,serial=copy'],
    ],
    { stdio: ['ignore', console_, console_], env: { ...process.env, TMPDIR: work } },
  );
  closeSync(console_);
  const follow = spawn('tail', ['-n+1', '-f', join(out, 'log')], { stdio: ['ignore', 'inherit', 'inherit'] });
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    qemu.kill('SIGKILL');
  }, limitSeconds * 1000);
  try {
    await new Promise((resolve, reject) => {
      qemu.on('error', reject);
      qemu.on('exit', resolve);
    });
  } finally {
    clearTimeout(timer);
    // What the guest wrote last is still on its way.
    await new Promise((resolve) => setTimeout(resolve, 300));
    follow.kill();
  }
  return late ? 'late' : 'ended';
}
