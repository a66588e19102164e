import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Network } from '@nsinit/config';
import { type DescriptorSource, type ExitStatus, launch, openNull, planLaunch } from '@nsinit/namespaces';
import { AT_FDCWD, constant, Fd, invoke, tryInvoke, type Watch, watchReadable } from '@nsinit/syscall';
import { ContainerError } from '../../errors.ts';
import { pastaWords, slirpDescriptors, slirpWords } from './commands.ts';
import { forwardPorts } from './forward.ts';
import { findProgram } from './program.ts';
import { recordName, type UserNetworkOwner, untilUserNetworkGone } from './stop.ts';

/** Name of the pipe that tells that the network is ready, in the directory of the container's state. */
const readyName = 'user-network.ready';

const tied: DescriptorSource = { name: 'first process of the container' };
const record: DescriptorSource = { name: recordName };

/** Its messages fill no more memory than this, in bytes. */
const mostOutput = 65_536;

/**
 * Starts the program that makes a network of the type user for a process that waits, and resolves when the network is
 * there. A supervisor of its own kills it when the first process of the container has ended, whoever lives then.
 *
 * @throws {ContainerError} SystemError, with the last line of what the program said; it has ended then, or ends with the process.
 */
export async function startUserNetwork(
  network: Network,
  { field, owner }: UserNetworkOwner,
  pid: number,
): Promise<void> {
  const { program, path } = findProgram(network, field);
  const step = `start ${program}`;
  const readyPath = join(owner, readyName);
  const place = { pid, ready: readyPath };
  const words = program === 'pasta' ? pastaWords(network, place) : slirpWords(network, place);
  // That of an earlier start may be about to end.
  await untilUserNetworkGone({ field, owner });
  using files = new StartFiles(owner, readyPath, program === 'slirp4netns');
  const end = await run([path, ...words], files, join(owner, recordName), pid);
  if (end) {
    const said = files.lastLine();
    throw new ContainerError('SystemError', `${program} ${howEnded(end)}${said ? `: ${said}` : ''}`, {
      field,
      path,
      step,
      hint: hintOf(said, network),
    });
  }
  if (program === 'slirp4netns') await forwardPorts(network, field, files.directory);
}

function hintOf(said: string, { program, ports = [] }: Network): string {
  if (/bind|in use|port/i.test(said) && ports.length > 0)
    return 'choose ports of the host that are free, and that its users may have (net.ipv4.ip_unprivileged_port_start)';
  if (/rout/i.test(said)) return 'it needs a default route on the host';
  return program ? 'try the other program' : 'choose one by program: pasta or slirp4netns';
}

function howEnded({ exitCode, signal }: ExitStatus): string {
  return signal === undefined ? `ended with ${exitCode}` : `was killed by ${signal}`;
}

/** What a start needs, and takes away again. */
class StartFiles implements Disposable {
  readonly directory: Fd;
  /** Where the word arrives that the network is there. */
  readonly arrival: Fd;
  /** What the program inherits beside its standard streams. */
  readonly inherited: readonly Fd[];
  readonly output: Fd;
  readonly #ready: string;

  constructor(owner: string, ready: string, inherits: boolean) {
    this.#ready = ready;
    rmSync(ready, { force: true });
    const fifo = constant('file_type', 'S_IFIFO') | 0o600;
    invoke('mknodat', { dirfd: AT_FDCWD, pathname: ready, mode: fifo, dev: 0 });
    const open = (path: string, ...flags: readonly ('O_RDONLY' | 'O_WRONLY' | 'O_NONBLOCK' | 'O_DIRECTORY')[]) =>
      new Fd(invoke('openat', { dirfd: AT_FDCWD, pathname: path, flags: [...flags, 'O_CLOEXEC'] }));
    this.arrival = open(ready, 'O_RDONLY', 'O_NONBLOCK');
    this.directory = open(owner, 'O_RDONLY', 'O_DIRECTORY');
    this.inherited = inherits ? [open(ready, 'O_WRONLY'), this.directory] : [];
    this.output = new Fd(
      invoke('memfd_create', { name: 'output of the network', flags: ['MFD_CLOEXEC', 'MFD_ALLOW_SEALING'] }),
    );
    invoke('ftruncate', { fd: this.output, length: mostOutput });
    invoke('fcntl', { fd: this.output, op: 'F_ADD_SEALS', arg: constant('seal', 'F_SEAL_GROW') });
  }

  /** The last line of what the program has said. */
  lastLine(): string {
    const buf = new Uint8Array(mostOutput);
    const size = tryInvoke('pread64', { fd: this.output, buf, offset: 0 });
    const text = Buffer.from(buf.buffer, 0, Math.max(size, 0)).toString();
    return text.replaceAll('\0', '').trim().split('\n').at(-1) ?? '';
  }

  [Symbol.dispose](): void {
    rmSync(this.#ready, { force: true });
    for (const fd of [this.arrival, this.directory, this.output, ...this.inherited]) fd.close();
  }
}

/** Resolves when the program has told that it is ready, with undefined, or when it has ended, with how. */
async function run(
  argv: readonly [string, ...string[]],
  files: StartFiles,
  recordPath: string,
  pid: number,
): Promise<ExitStatus | undefined> {
  const plan = planLaunch(
    { extraFiles: slirpDescriptors.directory - 2, parentDeathSignal: 9, tiedTo: tied, statusFile: record },
    (b, { firstPrivate }) => {
      b.call('prctl', { op: 'PR_SET_PDEATHSIG', arg2: 9 }, { what: 'die with the supervisor' });
      b.call('close_range', { first: firstPrivate, last: 0xffff_ffff, flags: ['CLOSE_RANGE_CLOEXEC'] });
      b.call('execve', { pathname: argv[0], argv, envp: [] }, { what: `execute ${argv[0]}` });
    },
  );
  using nothing = openNull();
  const [ready = nothing, directory = nothing] = files.inherited;
  const program = await launch(plan, {
    stdio: [nothing, nothing, files.output],
    extraFiles: [ready, directory],
    files: {
      [tied.name]: () => new Fd(invoke('pidfd_open', { pid, flags: 0 })),
      [record.name]: () => openRecord(recordPath),
    },
  });
  let watch: Watch | undefined;
  try {
    const arrived = new Promise<undefined>((resolve) => {
      watch = watchReadable(files.arrival.fd, () => {
        // At its end nobody writes to it any more, which is no word: how the program has ended is one.
        if (tryInvoke('read', { fd: files.arrival, buf: new Uint8Array(64) }) > 0) resolve(undefined);
        else watch!.close();
      });
    });
    return await Promise.race([program.exited, arrived]);
  } finally {
    watch?.close();
    program.close();
  }
}

/** The file stays locked until the supervisor has ended, and the program before it. */
function openRecord(path: string): Fd {
  rmSync(path, { force: true });
  const flags = ['O_RDWR', 'O_CREAT', 'O_EXCL', 'O_CLOEXEC'] as const;
  const fd = new Fd(invoke('openat', { dirfd: AT_FDCWD, pathname: path, flags, mode: 0o600 }));
  invoke('flock', { fd, op: ['LOCK_EX', 'LOCK_NB'] });
  return fd;
}
