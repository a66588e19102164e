import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

const COMMANDS =
  'sh cat dd echo false grep hostname id ip kill ls mknod mount nc ping ps pwd sleep stty touch true tty wc'.split(' ');

/** Whether the containers of all tests get a user namespace: the suite is run once without and once with one. */
export const inUserNamespace = process.env['NSINIT_TEST_USER_NAMESPACE'] === '1';

/** User and group of the host that root of those user namespaces is. */
const ROOT = 2_500_000;

const PASSWD = 'root:x:0:0:root:/root:/bin/sh\ndaemon:x:1:1:daemon:/usr/sbin:/bin/false\n';
const GROUP = 'root:x:0:\ndaemon:x:1:\naudio:x:29:root\n';

/** Flags that make it so; for `nsinit exec`, and others that make a container. */
export const namespaceFlags: readonly string[] = inUserNamespace ? [`--userns-root-uid=${ROOT}`] : [];

/** A root file system of busybox and a directory for states, of its own for each test. */
export class Box implements Disposable {
  readonly work: string;
  readonly rootfs: string;
  readonly state: string;

  /** @param below directory in which it is made. */
  constructor(below = tmpdir()) {
    this.work = mkdtempSync(join(below, 'nsinit-cli-'));
    // Control groups are named after this directory.
    this.rootfs = join(this.work, basename(this.work));
    this.state = join(this.work, 'state');
    for (const dir of ['bin', 'etc', 'root', 'tmp']) mkdirSync(join(this.rootfs, dir), { recursive: true });
    copyFileSync('/bin/busybox', join(this.rootfs, 'bin/busybox'));
    for (const name of COMMANDS) symlinkSync('busybox', join(this.rootfs, 'bin', name));
    writeFileSync(join(this.rootfs, 'etc/passwd'), PASSWD);
    writeFileSync(join(this.rootfs, 'etc/group'), GROUP);
    if (!inUserNamespace) return;
    // All of it belongs to root of the container, who is somebody else out here.
    chmodSync(this.work, 0o755);
    execFileSync('chown', ['--recursive', '--no-dereference', `${ROOT}:${ROOT}`, this.rootfs]);
  }

  /** Writes a container.json into the root file system, or elsewhere. */
  config(config: object, dir = this.rootfs): void {
    writeFileSync(join(dir, 'container.json'), JSON.stringify(config));
  }

  /** Arguments of `nsinit exec` for this box, before those of the command. */
  exec(...more: readonly string[]): readonly string[] {
    return ['--root', this.state, 'exec', ...namespaceFlags, ...more];
  }

  /** Gives a file in the root file system to root of the container. */
  give(name: string): void {
    if (inUserNamespace) chownSync(join(this.rootfs, name), ROOT, ROOT);
  }

  /** What is left: states, mounts below the directory, and control groups. */
  left(): readonly string[] {
    const mountinfo = readFileSync('/proc/self/mountinfo', 'utf8').split('\n');
    const mounts = mountinfo.filter((line) => line.includes(` ${this.work}`));
    const groups = mountinfo
      .filter((line) => / - cgroup2? /.test(line))
      .map((line) => join(line.split(' ')[4]!, 'nsinit', basename(this.rootfs)))
      .filter((path) => existsSync(path));
    let states: readonly string[] = [];
    try {
      states = readdirSync(this.state);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
    return [...states, ...mounts, ...groups];
  }

  [Symbol.dispose](): void {
    // A mount that is left must not be emptied.
    if (!readFileSync('/proc/self/mountinfo', 'utf8').includes(` ${this.work}`)) rmSync(this.work, { recursive: true });
  }
}

/** Waits until something holds; what fails is told by the test's own time limit. */
export async function until<T>(probe: () => T | undefined | false): Promise<T> {
  for (;;) {
    const found = probe();
    if (found !== undefined && found !== false) return found;
    await delay(5);
  }
}

/** The text of a file, undefined as long as it is not there. */
export function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Whether a process exists that is no zombie. */
export function lives(pid: number): boolean {
  const stat = textOf(`/proc/${pid}/stat`);
  return stat !== undefined && !/\) [ZX] /.test(stat);
}
