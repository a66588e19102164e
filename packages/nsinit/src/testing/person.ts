import { type ChildProcess, execFileSync, type SpawnOptions, spawn } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { delegateGroup } from '@nsinit/cgroups';
import { readMountinfo } from '@nsinit/mount';
import { Box, until } from './box.ts';
import { type Cli, finished, type Result } from './cli.ts';
import type { HostNetwork } from './host-network.ts';

/** What a person of a test has. */
export interface PersonOptions {
  /** An entry in /etc/passwd and ranges in /etc/subuid and /etc/subgid, as only the person's processes see them. */
  readonly ranges?: boolean;
  /** The network that its programs see as the host's, with a /dev/net/tun as every host has it; undefined: this host's. */
  readonly network?: HostNetwork;
}

/** First of the 65536 subordinate user ids that a person has, and of the group ids. */
export const FIRST_UID = 2_300_000;
export const FIRST_GID = 2_400_000;

const NAME = 'nsinit-test';

/** Binds private copies over files of /etc, then becomes the user for good. */
const script = [
  'eval "$BEFORE"; unset BEFORE',
  'test -z "$CGROUP" || echo $$ > "$CGROUP/cgroup.procs"; unset CGROUP',
  'dir=$1 uid=$2; shift 2',
  'for file in passwd group subuid subgid resolv.conf; do test ! -e $dir/$file || mount --bind $dir/$file /etc/$file; done',
  'test -z "$TUN" || { mount -t tmpfs tmpfs /dev/net && mknod -m "$TUN" /dev/net/tun c 10 200; }; unset TUN',
  'exec setpriv --reuid $uid --regid $uid --clear-groups -- "$@"',
].join('\n');

/**
 * An ordinary user of the host with a root file system, a directory for the session and no privileges at all. The host's
 * files know nothing of it: what has to be in them is seen by its processes alone.
 */
export class Person implements AsyncDisposable {
  readonly uid: number;
  readonly box = new Box();
  /** XDG_RUNTIME_DIR. */
  readonly runtime: string;
  readonly #etc: string;
  #cgroup: string | undefined;
  readonly #cli: Cli;
  readonly #network: HostNetwork | undefined;

  /** @param uid one that the host does not know. */
  constructor(cli: Cli, uid: number, { ranges = false, network }: PersonOptions = {}) {
    this.uid = uid;
    this.#cli = cli;
    this.#network = network;
    const { work } = this.box;
    this.runtime = join(work, 'run');
    mkdirSync(this.runtime, { mode: 0o700 });
    for (const name of ['dev', 'proc', 'sys']) mkdirSync(join(this.box.rootfs, name));
    chmodSync(join(this.box.rootfs, 'tmp'), 0o1777);
    execFileSync('chown', ['-R', `${uid}:${uid}`, work]);
    chmodSync(work, 0o755);
    this.#etc = mkdtempSync(join(tmpdir(), 'nsinit-etc-'));
    if (ranges) this.giveRanges();
  }

  /** Gives it a name, and subordinate ids. */
  giveRanges(subuid = `${NAME}:${FIRST_UID}:65536\n`, subgid = `${NAME}:${FIRST_GID}:65536\n`): void {
    const add = (name: string, line: string) =>
      writeFileSync(join(this.#etc, name), `${readFileSync(`/etc/${name}`, 'utf8')}${line}\n`);
    add('passwd', `${NAME}:x:${this.uid}:${this.uid}::/tmp:/bin/sh`);
    add('group', `${NAME}:x:${this.uid}:`);
    writeFileSync(join(this.#etc, 'subuid'), subuid);
    writeFileSync(join(this.#etc, 'subgid'), subgid);
    // newuidmap reads the ranges as the person.
    chmodSync(this.#etc, 0o755);
  }

  /** Gives it a name server, as only its programs see it. */
  giveNameServer(address: string): void {
    writeFileSync(join(this.#etc, 'resolv.conf'), `nameserver ${address}\n`);
    chmodSync(this.#etc, 0o755);
  }

  /** Gives it a group of cgroup v2, in a part of which its programs start, and tells its directory. */
  giveCgroup(): string {
    const mounted = readMountinfo('self').find(({ fsType }) => fsType === 'cgroup2');
    if (!mounted) throw new Error('no cgroup2 is mounted here');
    this.#cgroup = join(mounted.mountPoint, basename(this.box.rootfs));
    mkdirSync(this.#cgroup);
    mkdirSync(join(this.#cgroup, 'session'));
    for (const name of ['', 'session']) delegateGroup(join(this.#cgroup, name), { uid: this.uid, gid: this.uid });
    return this.#cgroup;
  }

  /** Starts a program as this person. */
  spawn(command: readonly string[], options: SpawnOptions = {}): ChildProcess {
    const before = ['--mount', '--propagation', 'private', 'sh', '-c', script, 'sh', this.#etc, String(this.uid)];
    const { PATH } = process.env;
    const words = ['unshare', ...before, ...command];
    const [program = '', ...args] = this.#network?.inside(words) ?? words;
    return spawn(program, args, {
      cwd: this.box.rootfs,
      ...options,
      env: {
        PATH,
        HOME: '/tmp',
        XDG_RUNTIME_DIR: this.runtime,
        TUN: this.#network && '0666',
        CGROUP: this.#cgroup && `${this.#cgroup}/session`,
        ...options.env,
      },
    });
  }

  /** Starts the command line as this person. */
  start(args: readonly string[], options?: SpawnOptions): ChildProcess {
    return this.spawn([process.execPath, this.#cli.path, ...args], options);
  }

  /** Runs the command line to its end. */
  async run(args: readonly string[], options: SpawnOptions & { readonly input?: string } = {}): Promise<Result> {
    return await finished(this.start(args, options), options.input);
  }

  /** Makes a file in the root file system belong to an id of the host. */
  give(name: string, uid: number, gid = uid): void {
    writeFileSync(join(this.box.rootfs, name), 'x', { flag: 'a' });
    chownSync(join(this.box.rootfs, name), uid, gid);
  }

  /** What is left of its containers. */
  left(): readonly string[] {
    return [...readdirSync(this.runtime), ...this.box.left()];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    rmSync(this.#etc, { recursive: true });
    // A supervisor may be about to end.
    if (this.#cgroup !== undefined)
      for (const name of ['nsinit', 'session', '']) await until(() => isRemoved(join(this.#cgroup!, name)));
    this.box[Symbol.dispose]();
  }
}

function isRemoved(group: string): boolean {
  try {
    rmdirSync(group);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EBUSY') return false;
    if (code !== 'ENOENT') throw error;
  }
  return true;
}
