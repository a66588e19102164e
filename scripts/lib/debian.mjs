/** The Debian packages that building, testing and measuring need. */
import { attempt, isRoot, run, which } from './workspace.mjs';

/**
 * `command` is how the package is recognised where there is no dpkg; `sets` says who needs it: `build` for building and
 * the tests on this machine, `vm` for those in an emulated one, `bench` for measuring.
 */
const REQUIREMENTS = [
  { name: 'gcc', command: 'gcc', sets: ['build', 'bench'], why: 'compiles nsexec for this machine' },
  {
    name: 'gcc-aarch64-linux-gnu',
    command: 'aarch64-linux-gnu-gcc',
    sets: ['build'],
    why: 'compiles nsexec for arm64',
  },
  { name: 'libc6-dev', sets: ['build', 'bench'], why: 'headers that the tests compare constants and layouts with' },
  {
    name: 'busybox-static',
    command: 'busybox',
    sets: ['build', 'vm'],
    why: 'root file system of the demo and the tests, first process of the emulated machine',
  },
  { name: 'iproute2', command: 'ip', sets: ['build'], why: 'the root tests look at links and network namespaces' },
  { name: 'procps', command: 'ps', sets: ['build'], why: 'the root tests look at processes' },
  { name: 'util-linux', command: 'unshare', sets: ['build', 'bench'], why: 'private mount namespaces' },
  { name: 'libcap2-bin', command: 'setcap', sets: ['build'], why: 'the root tests give capabilities to files' },
  { name: 'libseccomp-dev', sets: ['build'], why: 'filters are compared with those of libseccomp' },
  { name: 'python3', command: 'python3', sets: ['build'], why: 'an agent and a tracer, which the root tests talk to' },
  { name: 'mmdebstrap', command: 'mmdebstrap', sets: ['build'], why: 'Debian root file system of the root tests' },
  { name: 'qemu-system-x86', command: 'qemu-system-x86_64', sets: ['vm'], why: 'emulates the machine of the vm tests' },
  {
    name: 'e2fsprogs',
    command: 'mkfs.ext4',
    sets: ['build', 'vm'],
    why: 'the root tests map the owners of an ext4; disk of the emulated machine',
  },
  { name: 'xz-utils', command: 'xz', sets: ['vm'], why: 'the kernel of the emulated machine is compressed' },
  { name: 'zstd', command: 'zstd', sets: ['vm'], why: 'the kernel of the emulated machine is compressed' },
  { name: 'systemd', command: 'systemctl', sets: ['vm'], why: 'runs in the emulated machine' },
  { name: 'dbus', command: 'dbus-daemon', sets: ['vm'], why: 'systemd is asked over it in the emulated machine' },
  { name: 'libpam-systemd', sets: ['vm'], why: 'sessions of users in the emulated machine' },
  { name: 'dbus-user-session', sets: ['vm'], why: 'the bus of a user in the emulated machine' },
  { name: 'secilc', command: 'secilc', sets: ['vm'], why: 'compiles the SELinux policy of the emulated machine' },
  { name: 'apparmor', command: 'apparmor_parser', sets: ['vm'], why: 'loads profiles in the emulated machine' },
  {
    name: 'criu',
    command: 'criu',
    sets: ['vm'],
    why: 'checkpoints in the emulated machine, on the kernel of its release',
  },
  {
    name: 'uidmap',
    command: 'newuidmap',
    sets: ['build', 'bench'],
    why: 'the root tests map ranges of ids as an ordinary user',
  },
  { name: 'passt', command: 'pasta', sets: ['build'], why: "the root tests connect ordinary users' containers by it" },
  {
    name: 'slirp4netns',
    command: 'slirp4netns',
    sets: ['build'],
    why: "the root tests connect ordinary users' containers by it",
  },
  { name: 'bubblewrap', command: 'bwrap', sets: ['bench'], why: 'measured beside this project' },
  { name: 'crun', command: 'crun', sets: ['bench'], why: 'measured beside this project' },
  { name: 'runc', command: 'runc', sets: ['bench'], why: 'measured beside this project' },
];

const LOCATE = `${process.env.PATH ?? ''}:/usr/sbin:/sbin:/usr/bin:/bin`;

function isInstalled({ name, command }) {
  if (which('dpkg-query', LOCATE)) {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: dpkg-query's own placeholder
    const result = attempt('dpkg-query', ['--show', '--showformat=${db:Status-Status}', name]);
    return result.status === 0 && result.stdout === 'installed';
  }
  return command === undefined || which(command, LOCATE) !== undefined;
}

/** Requirements of the set (`build`, `vm` or `bench`) that are not installed. */
export const missingPackages = (set) =>
  REQUIREMENTS.filter(({ sets }) => sets.includes(set)).filter((r) => !isInstalled(r));

/**
 * Installs what the set needs. Without root, or without apt-get, it only says what is missing and what for, and
 * returns it.
 */
export function installPackages(set, log) {
  const missing = missingPackages(set);
  if (missing.length === 0) return [];
  const list = missing.map(({ name, why }) => `  ${name}: ${why}`).join('\n');
  const names = missing.map(({ name }) => name);
  if (!isRoot || !which('apt-get', LOCATE)) {
    const reason = isRoot ? 'there is no apt-get here' : 'this needs root';
    log(`missing, and not installed because ${reason}:\n${list}\non Debian: apt-get install ${names.join(' ')}`);
    return missing;
  }
  log(`installing Debian packages:\n${list}`);
  const options = { env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } };
  const install = ['install', '--yes', '-qq', '-o', 'Dpkg::Progress-Fancy=0', '--no-install-recommends', ...names];
  run('apt-get', ['update', '-qq'], options);
  run('apt-get', install, options);
  return [];
}
