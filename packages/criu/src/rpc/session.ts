import { fstatSync, readSync } from 'node:fs';
import { AT_FDCWD, Fd, type FdNumber, invoke } from '@nsinit/syscall';
import { CriuError } from '../errors.ts';
import { type RpcMessage, rpcCodec } from '../messages/rpc.ts';
import { Channel, socketPair } from './channel.ts';
import { type CriuExit, type CriuProcess, describeExit, type SpawnCriu } from './process.ts';

/** Which criu, and how it is started. */
export interface Command {
  readonly path: string;
  readonly env: Readonly<Record<string, string>>;
  readonly spawn: SpawnCriu;
}

/** Descriptors for criu beside the connection, which is its number 3. */
export interface SessionDescriptors {
  /** 0, 1 and 2. By default nothing is read, and what is printed is kept for the error. */
  readonly stdio?: readonly [FdNumber, FdNumber, FdNumber] | undefined;
  /** 4 and up, in this order. */
  readonly inherited?: readonly FdNumber[] | undefined;
}

/** The number of the first inherited descriptor in criu. */
export const firstInherited = 4;

/** An answer of criu. */
export interface Answer {
  readonly response: RpcMessage<'criu_resp'>;
  readonly fd?: Fd | undefined;
}

/** A criu that ended. */
interface Ended {
  readonly exit: CriuExit;
  /** The end of what it printed. */
  readonly output: string;
}

/** One run of `criu swrk`, which serves the one connection that it is born with. */
export class Session {
  readonly request: string;
  readonly process: CriuProcess;
  readonly #channel: Channel;
  readonly #output: Fd;
  readonly #command: Command;
  #ended: Promise<Ended> | undefined;

  private constructor(request: string, process: CriuProcess, channel: Channel, output: Fd, command: Command) {
    this.request = request;
    this.process = process;
    this.#channel = channel;
    this.#output = output;
    this.#command = command;
  }

  /** @throws {CriuError} `missing` or `broken` when it cannot be started. */
  static async start(
    request: string,
    command: Command,
    { stdio, inherited = [] }: SessionDescriptors = {},
  ): Promise<Session> {
    const [here, there] = socketPair();
    using remote = there;
    const channel = new Channel(here);
    const output = newOutput();
    try {
      using nothing = openNothing();
      const standard = stdio ?? [nothing, output, output];
      const argv = [command.path, 'swrk', '3'];
      const process = await command.spawn(argv, [...standard, remote, ...inherited], command.env);
      return new Session(request, process, channel, output, command);
    } catch (error) {
      channel.close();
      output.close();
      throw startError(request, command, error);
    }
  }

  /** `false` when criu is gone. */
  send(message: RpcMessage<'criu_req'>): boolean {
    return this.#channel.send(rpcCodec.encode('criu_req', message));
  }

  /**
   * The next answer, or undefined when criu closed the connection.
   *
   * @throws {CriuError} `protocol` for bytes that are no answer.
   */
  async receive(): Promise<Answer | undefined> {
    const received = await this.#channel.receive();
    if (!received) return undefined;
    try {
      return { response: rpcCodec.decode('criu_resp', received.bytes), fd: received.fd };
    } catch (cause) {
      received.fd?.close();
      const bytes = Buffer.from(received.bytes).toString('hex');
      throw new CriuError(`criu ${this.request}: unable to parse the response ${bytes}`, {
        kind: 'protocol',
        request: this.request,
        cause,
      });
    }
  }

  /** Closes the connection, waits for criu's end, and gives back what it printed. The same the second time. */
  end(): Promise<Ended> {
    this.#ended ??= this.#end();
    return this.#ended;
  }

  async #end(): Promise<Ended> {
    this.#channel.close();
    const exit = await this.process.exited;
    try {
      return { exit, output: readAll(this.#output) };
    } finally {
      this.#output.close();
    }
  }

  /** The words for a criu that ended without an answer. */
  describeDeath(exit: CriuExit, output: string): string {
    return describeDeath(`${this.#command.path} ended without an answer`, exit, output);
  }
}

/** `what (exit status 1): the end of what it printed` */
export function describeDeath(what: string, exit: CriuExit, output: string): string {
  const said = output.trim().split('\n').slice(-3).join(' | ');
  return `${what} (${describeExit(exit)})${said === '' ? '' : `: ${said}`}`;
}

/** What criu prints. A file and no pipe: a process that outlives criu and holds its output open keeps nobody waiting. */
export function newOutput(): Fd {
  return new Fd(invoke('memfd_create', { name: 'criu-output', flags: ['MFD_CLOEXEC'] }));
}

/** What criu reads. */
export function openNothing(): Fd {
  return new Fd(invoke('openat', { dirfd: AT_FDCWD, pathname: '/dev/null', flags: ['O_RDWR', 'O_CLOEXEC'] }));
}

/** The error for a criu that cannot be started. */
export function startError(request: string, { path }: Command, cause: unknown): unknown {
  const code = (cause as NodeJS.ErrnoException).code;
  const details = { request, cause };
  if (code === 'ENOENT') {
    const remedy = 'install criu, or name its path';
    return new CriuError(`criu ${request}: there is no ${path}`, { ...details, kind: 'missing', remedy });
  }
  if (code === 'EACCES' || code === 'ENOEXEC')
    return new CriuError(`criu ${request}: ${path} cannot be executed (${code})`, { ...details, kind: 'broken' });
  return cause;
}

/** The last 64 KiB of a file. */
export function readAll({ fd }: FdNumber): string {
  const buffer = Buffer.alloc(1 << 16);
  const at = Math.max(0, fstatSync(fd).size - buffer.length);
  return buffer.subarray(0, readSync(fd, buffer, 0, buffer.length, at)).toString();
}
