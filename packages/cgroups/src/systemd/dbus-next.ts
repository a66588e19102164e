import type { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import { socketPath } from './address.ts';
import { type Bus, type BusCall, BusError, type BusSignal, BusVariant, disconnected } from './bus.ts';
import { type Library, loadLibrary } from './load-library.ts';

/** What the library's connection has without saying so: the stream, whose end it does not tell its users. */
interface Inner {
  readonly _connection: EventEmitter & { readonly stream: Socket };
}

/**
 * Connects to a bus with dbus-next, which is loaded only now.
 *
 * @throws {BusError} of type `org.freedesktop.DBus.Error.NoServer` when nobody answers within `timeoutMs`.
 */
export async function connectBus(address: string, timeoutMs: number): Promise<Bus> {
  const path = socketPath(address);
  if (path === undefined) throw noServer(`${address} is not the address of a socket in the file system`);
  const library = loadLibrary();
  if (!library) throw noServer('the systemd driver needs the package dbus-next: install it beside @nsinit/cgroups');
  // `socket=` rather than `path=`: for the latter the library looks for an addon that is not needed.
  const bus = library.sessionBus({ busAddress: `unix:socket=${path}` });
  const connection = new DbusNext(library, bus as unknown as InstanceType<Library['MessageBus']> & Inner);
  await connection.ready(path, timeoutMs);
  return connection;
}

function noServer(text: string, cause?: unknown): BusError {
  return new BusError('org.freedesktop.DBus.Error.NoServer', text, { cause });
}

class DbusNext implements Bus {
  readonly #library: Library;
  readonly #bus: InstanceType<Library['MessageBus']> & Inner;
  readonly #closed: (() => void)[] = [];
  readonly #pending = new Set<(error: BusError) => void>();
  #failed: ((cause: Error) => void) | undefined;
  connected = false;

  constructor(library: Library, bus: InstanceType<Library['MessageBus']> & Inner) {
    this.#library = library;
    this.#bus = bus;
    bus.on('error', (error: Error) => this.#lost(error));
    bus._connection.on('end', () => this.#lost(new Error('the bus has closed the connection')));
  }

  async ready(path: string, timeoutMs: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    try {
      await new Promise<void>((resolve, reject) => {
        this.#bus.on('connect', resolve);
        this.#failed = (cause) => reject(noServer(`no bus at ${path}: ${cause.message}`, cause));
        timer = setTimeout(() => reject(noServer(`no answer from the bus at ${path} in ${timeoutMs} ms`)), timeoutMs);
      });
      this.connected = true;
      // An idle connection keeps no program from ending.
      this.#bus._connection.stream.unref();
    } catch (error) {
      this.#bus._connection.stream.destroy();
      throw error;
    } finally {
      clearTimeout(timer);
      this.#failed = undefined;
    }
  }

  async call({ body = [], signature = '', ...call }: BusCall): Promise<readonly unknown[]> {
    const message = new this.#library.Message({
      ...call,
      signature,
      body: body.map((value) => this.#toLibrary(value)),
    });
    const { stream } = this.#bus._connection;
    if (!this.connected) throw new BusError(disconnected, 'the connection to the bus is closed');
    let abandon: ((error: BusError) => void) | undefined;
    if (this.#pending.size === 0) stream.ref();
    try {
      return await new Promise((resolve, reject) => {
        // The library leaves calls unanswered when the connection is lost.
        abandon = reject;
        this.#pending.add(reject);
        this.#bus.call(message).then(
          (reply) => resolve(fromLibrary(reply?.body ?? [], this.#library) as readonly unknown[]),
          (error: unknown) => reject(this.#toError(error)),
        );
      });
    } finally {
      if (abandon) this.#pending.delete(abandon);
      if (this.#pending.size === 0) stream.unref();
    }
  }

  onSignal(listener: (signal: BusSignal) => void): void {
    this.#bus.on('message', (message: InstanceType<Library['Message']>) => {
      if (message.type !== this.#library.MessageType.SIGNAL) return;
      const body = fromLibrary(message.body, this.#library) as readonly unknown[];
      listener({ path: message.path, interface: message.interface, member: message.member, body });
    });
  }

  onClosed(listener: () => void): void {
    this.#closed.push(listener);
  }

  close(): void {
    this.#bus._connection.stream.destroy();
    this.#lost(new Error('closed'));
  }

  #lost(cause: Error): void {
    this.#failed?.(cause);
    if (!this.connected) return;
    this.connected = false;
    this.#bus._connection.stream.destroy();
    const error = new BusError(disconnected, `the connection to the bus was lost: ${cause.message}`, { cause });
    for (const abandon of [...this.#pending]) abandon(error);
    for (const listener of this.#closed.splice(0)) listener();
  }

  #toError(error: unknown): unknown {
    if (!(error instanceof this.#library.DBusError)) return error;
    return new BusError(error.type, error.text, { cause: error });
  }

  #toLibrary(value: unknown): unknown {
    if (value instanceof BusVariant) return new this.#library.Variant(value.signature, this.#toLibrary(value.value));
    if (value instanceof Uint8Array) return Buffer.from(value);
    return Array.isArray(value) ? value.map((item) => this.#toLibrary(item)) : value;
  }
}

function fromLibrary(value: unknown, library: Library): unknown {
  if (value instanceof library.Variant) return new BusVariant(value.signature, fromLibrary(value.value, library));
  return Array.isArray(value) ? value.map((item) => fromLibrary(item, library)) : value;
}
