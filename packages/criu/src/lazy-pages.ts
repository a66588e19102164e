import { accessSync, constants, readSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { addressOf, errnos, Fd, invoke, sizeOf, syscallError, tryInvoke, watchReadable } from '@nsinit/syscall';
import { CriuError } from './errors.ts';
import { criuError } from './failure.ts';
import { type ImageOptions, type PageServerAddress, portNumber } from './options.ts';
import { openDirectory } from './rpc/directory.ts';
import type { CriuExit, CriuProcess } from './rpc/process.ts';
import { type Command, describeDeath, newOutput, openNothing, readAll, startError } from './rpc/session.ts';

const name = 'lazy-pages';

/** Where a restore looks for the program in its work directory. criu takes no other name. */
const socketName = 'lazy-pages.socket';

/** What the program needs that hands memory over to a lazy restore. */
export interface LazyPagesOptions extends Omit<ImageOptions, 'abortGraceMs' | 'raw'> {
  /** The lazy dump that has the memory still; undefined: all of it is in the images. */
  readonly pageServer?: PageServerAddress | undefined;
}

/**
 * Hands memory over to a restored tree: what a process touches at once, and the rest by and by. It ends when everything
 * is there, or the tree is gone, and belongs to a session of its own: it outlives this process.
 */
export class LazyPages implements AsyncDisposable {
  readonly pid: number;
  readonly #process: CriuProcess;
  readonly #done: Promise<void>;
  #left = false;

  /** @internal */
  constructor(process: CriuProcess, ended: Promise<void>) {
    this.pid = process.pid;
    this.#process = process;
    this.#done = ended.catch((error: unknown) => {
      if (!this.#left) throw error;
    });
    this.#done.catch(() => undefined);
  }

  /**
   * Fulfilled when nothing is left to hand over.
   *
   * @throws {CriuError} when it failed: what it has not handed over reads as zeros, and the tree must be ended.
   */
  done(): Promise<void> {
    return this.#done;
  }

  /** Ends it, which only a restore that has not succeeded survives. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#left = true;
    this.#process.kill();
    await this.#done.catch(() => undefined);
  }
}

/**
 * Whether a `criu lazy-pages` waits in a work directory for its restore.
 *
 * @throws {SyscallError} when one cannot look there.
 */
export function lazyPagesListen(workDirectory: string): boolean {
  using directory = openDirectory(workDirectory);
  // The kernel tells a socket of another type from one that nobody has: the program notices nothing.
  using socket = new Fd(invoke('socket', { domain: 'AF_UNIX', type: ['SOCK_DGRAM', 'SOCK_CLOEXEC'], protocol: 0 }));
  const address = Buffer.from(`\0\0/proc/self/fd/${directory.fd}/${socketName}\0`);
  address.writeUInt16LE(AF_UNIX, 0);
  const header = Buffer.alloc(sizeOf('msghdr'));
  header.writeBigUInt64LE(addressOf(address), 0);
  header.writeUInt32LE(address.length, 8);
  const args = { sockfd: socket, msg: header, flags: [] } as const;
  const result = tryInvoke('sendmsg', args);
  if (result === -errnos.EPROTOTYPE) return true;
  if (result === -errnos.ENOENT || result === -errnos.ECONNREFUSED) return false;
  throw syscallError('sendmsg', args, -result);
}

const AF_UNIX = 1;

/**
 * Starts one, and comes back when it waits for its restore.
 *
 * @throws {CriuError}
 */
export async function startLazyPages(command: Command, options: LazyPagesOptions): Promise<LazyPages> {
  const { imagesDirectory, workDirectory = imagesDirectory, signal } = options;
  const logFile = options.logFile ?? `${name}.log`;
  const logPath = join(workDirectory, logFile);
  const socket = join(workDirectory, socketName);
  signal?.throwIfAborted();
  openDirectory(imagesDirectory).close();
  if (options.configFile !== undefined) accessSync(options.configFile, constants.R_OK);
  if (lazyPagesListen(workDirectory))
    throw new CriuError(`criu ${name}: another one waits at ${socket} already`, {
      kind: 'failed',
      request: name,
      remedy: 'give it another work directory',
    });
  const argv = [command.path, ...argumentsOf(options, { workDirectory, logFile })];
  rmSync(logPath, { force: true });
  const [ready, status] = pipe();
  using readable = ready;
  const { process, exited } = await spawned(command, argv, status);
  const ended = endOf(exited, { path: command.path, logPath, socket, signal });
  ended.catch(() => undefined);
  const kill = (): void => process.kill();
  signal?.addEventListener('abort', kill, { once: true });
  if (signal?.aborted) kill();
  try {
    // A byte when it waits, or the end when it is gone.
    if (await tells(readable)) return new LazyPages(process, ended);
    await ended;
    throw await criuError(name, { kind: 'died', death: `${command.path} waited for no restore` }, logPath);
  } finally {
    signal?.removeEventListener('abort', kill);
  }
}

function argumentsOf(
  { imagesDirectory, pageServer, logLevel = 4, configFile }: LazyPagesOptions,
  { workDirectory, logFile }: { readonly workDirectory: string; readonly logFile: string },
): readonly string[] {
  return [
    name,
    ...['--images-dir', imagesDirectory, '--work-dir', workDirectory, '--log-file', logFile, `-v${logLevel}`],
    ...['--status-fd', '3'],
    ...(pageServer
      ? ['--page-server', '--address', pageServer.address, '--port', `${portNumber(pageServer.port)}`]
      : []),
    ...(configFile === undefined ? [] : ['--config', configFile]),
  ];
}

/** How it ended, and what it printed. */
interface Ended {
  readonly exit: CriuExit;
  readonly output: string;
}

/** Starts it with the pipe's end as its only descriptor beside the standard ones. */
async function spawned(
  command: Command,
  argv: readonly string[],
  status: Fd,
): Promise<{ readonly process: CriuProcess; readonly exited: Promise<Ended> }> {
  using _ = status;
  const output = newOutput();
  try {
    using nothing = openNothing();
    const descriptors = [nothing, output, output, status];
    const process = await command.spawn(argv, descriptors, command.env, { session: true });
    const exited = process.exited.then((exit) => {
      using file = output;
      return { exit, output: readAll(file) };
    });
    return { process, exited };
  } catch (error) {
    output.close();
    throw startError(name, command, error);
  }
}

/** Its end; nothing of it is left in the work directory but the log. */
async function endOf(
  exited: Promise<Ended>,
  {
    path,
    logPath,
    socket,
    signal,
  }: {
    readonly path: string;
    readonly logPath: string;
    readonly socket: string;
    readonly signal: AbortSignal | undefined;
  },
): Promise<void> {
  const { exit, output } = await exited;
  rmSync(socket, { force: true });
  if (exit.code === 0) return;
  if (signal?.aborted) throw await criuError(name, { kind: 'aborted', cause: signal.reason }, undefined);
  throw await criuError(name, { kind: 'died', death: describeDeath(`${path} ended`, exit, output) }, logPath);
}

function pipe(): readonly [read: Fd, write: Fd] {
  const ends = new Int32Array(2);
  invoke('pipe2', { pipefd: new Uint8Array(ends.buffer), flags: ['O_CLOEXEC'] });
  return [new Fd(ends[0]!), new Fd(ends[1]!)];
}

/** Whether a byte comes out of a pipe before its end. */
function tells({ fd }: Fd): Promise<boolean> {
  return new Promise((resolve) => {
    const watch = watchReadable(fd, () => {
      watch.close();
      resolve(readSync(fd, Buffer.alloc(1)) === 1);
    });
  });
}
