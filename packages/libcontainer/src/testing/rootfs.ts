import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const busybox = '/bin/busybox';

const passwd = [
  'root:x:0:0:root:/root:/bin/sh',
  'daemon:x:1:1:daemon:/usr/sbin:/bin/false',
  'user:x:1000:1000:A User:/home/user:/bin/sh',
];
const group = ['root:x:0:', 'daemon:x:1:', 'tty:x:5:', 'audio:x:29:', 'plugdev:x:46:', 'user:x:1000:'];

let applets: readonly string[] | undefined;

/** Makes a root file system of a statically linked busybox: every applet in /bin, users, groups and their homes. */
export function makeRootfs(dir: string): void {
  applets ??= execFileSync(busybox, ['--list'], { encoding: 'utf8' }).trim().split('\n');
  for (const name of ['bin', 'etc', 'home/user', 'proc', 'root', 'sys', 'tmp', 'usr/bin', 'usr/sbin'])
    mkdirSync(join(dir, name), { recursive: true });
  copyFileSync(busybox, join(dir, 'bin/busybox'));
  for (const name of applets) if (name !== 'busybox') symlinkSync('busybox', join(dir, 'bin', name));
  writeFileSync(join(dir, 'etc/passwd'), `${passwd.join('\n')}\n`);
  writeFileSync(join(dir, 'etc/group'), `${group.join('\n')}\n`);
}
