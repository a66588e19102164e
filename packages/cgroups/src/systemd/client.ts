import { type Bus, type BusCall, BusError, BusVariant, disconnected } from './bus.ts';

/** A property of a unit: its name and its value. */
export type UnitProperty = readonly [name: string, value: BusVariant];

const destination = 'org.freedesktop.systemd1';
const path = '/org/freedesktop/systemd1';
const managerInterface = 'org.freedesktop.systemd1.Manager';

/** How a client connects and how long it waits. */
export interface ClientOptions {
  /** Opens a connection; called again after one is lost. */
  readonly connect: () => Promise<Bus>;
  /** Bound of a call and of a job, in milliseconds. Default 30000. */
  readonly timeoutMs?: number | undefined;
  /** How long an unused connection is kept, in milliseconds; undefined: until {@link SystemdClient.close}. */
  readonly idleMs?: number | undefined;
}

interface Connection {
  readonly bus: Bus;
  /** Jobs that were removed: by path, with their result. */
  readonly jobs: Map<string, string>;
  readonly waiting: Map<string, (result: string) => void>;
}

/** systemd's manager on a bus: org.freedesktop.systemd1(5). */
export class SystemdClient {
  readonly #options: ClientOptions;
  readonly #timeoutMs: number;
  #connection: Promise<Connection> | undefined;
  #version: Promise<number> | undefined;
  #uses = 0;
  #idle: NodeJS.Timeout | undefined;

  constructor(options: ClientOptions) {
    this.#options = options;
    this.#timeoutMs = options.timeoutMs ?? 30_000;
  }

  /** The number of systemd's version: 252 of `252.39-1~deb12u1`. */
  version(): Promise<number> {
    const asked = this.#version ?? this.#askVersion();
    this.#version = asked;
    asked.catch(() => {
      this.#version = undefined;
    });
    return asked;
  }

  /**
   * Starts a transient unit and waits until its job is done.
   *
   * @throws {BusError} of systemd, and of type `JobFailed` when the job ends otherwise.
   */
  async startTransientUnit(name: string, properties: readonly UnitProperty[]): Promise<void> {
    await this.#job('StartTransientUnit', 'ssa(sv)a(sa(sv))', [name, 'fail', properties, []], name);
  }

  /** Stops a unit and waits until its job is done; one that is not there is stopped already. */
  async stopUnit(name: string): Promise<void> {
    try {
      await this.#job('StopUnit', 'ss', [name, 'replace'], name);
    } catch (error) {
      if (!isNoSuchUnit(error)) throw error;
    }
  }

  /** Forgets that a unit has failed: its name can be used again. */
  async resetFailed(name: string): Promise<void> {
    try {
      await this.#manager('ResetFailedUnit', 's', [name]);
    } catch (error) {
      if (!isNoSuchUnit(error)) throw error;
    }
  }

  /** Changes properties of a unit until it ends. */
  async setProperties(name: string, properties: readonly UnitProperty[]): Promise<void> {
    await this.#manager('SetUnitProperties', 'sba(sv)', [name, true, properties]);
  }

  /** Moves processes into a unit's group: systemd 238. */
  async attachProcesses(name: string, pids: readonly number[]): Promise<void> {
    await this.#manager('AttachProcessesToUnit', 'ssau', [name, '', pids]);
  }

  /** A property of a unit; the interface is that of its kind (`Scope`) or `Unit`. */
  async property(name: string, kind: 'Scope' | 'Unit', property: string): Promise<unknown> {
    const [unit] = await this.#manager('GetUnit', 's', [name]);
    return await this.#get(String(unit), `${destination}.${kind}`, property);
  }

  /** Ends the connection; the next call opens another. */
  async close(): Promise<void> {
    clearTimeout(this.#idle);
    const connection = this.#connection;
    this.#connection = undefined;
    (await connection)?.bus.close();
  }

  async #askVersion(): Promise<number> {
    const text = String(await this.#get(path, managerInterface, 'Version'));
    const number = /\d+/.exec(text)?.[0];
    if (number === undefined) throw new BusError('UnknownVersion', `${JSON.stringify(text)} is no version of systemd`);
    return Number(number);
  }

  async #get(object: string, iface: string, property: string): Promise<unknown> {
    const call = { destination, path: object, interface: 'org.freedesktop.DBus.Properties', member: 'Get' };
    const [value] = await this.#call({ ...call, signature: 'ss', body: [iface, property] });
    return value instanceof BusVariant ? value.value : value;
  }

  #manager(member: string, signature: string, body: readonly unknown[]): Promise<readonly unknown[]> {
    return this.#call({ destination, path, interface: managerInterface, member, signature, body });
  }

  async #job(member: string, signature: string, body: readonly unknown[], unit: string): Promise<void> {
    await this.#using(() => this.#jobDone(member, signature, body, unit));
  }

  /** The signal can be here before the reply that says which job it was. */
  async #jobDone(member: string, signature: string, body: readonly unknown[], unit: string): Promise<void> {
    const { jobs, waiting, bus } = await this.#connected();
    const [job] = await this.#manager(member, signature, body);
    const id = String(job);
    const known = jobs.get(id);
    const result =
      known ??
      (await this.#within(`${member} of ${unit}`, (resolve, reject) => {
        waiting.set(id, resolve);
        bus.onClosed(() => reject(new BusError(disconnected, `lost the bus while ${unit} was on its way`)));
      }));
    jobs.delete(id);
    waiting.delete(id);
    if (result !== 'done') throw new BusError('JobFailed', `${member} of ${unit} ended with "${result}"`);
  }

  async #call(call: BusCall): Promise<readonly unknown[]> {
    return await this.#using(async () => {
      const { bus } = await this.#connected();
      return await this.#within(call.member, (resolve, reject) => bus.call(call).then(resolve, reject));
    });
  }

  async #using<T>(body: () => Promise<T>): Promise<T> {
    clearTimeout(this.#idle);
    this.#uses += 1;
    try {
      return await body();
    } finally {
      this.#uses -= 1;
      const { idleMs } = this.#options;
      if (this.#uses === 0 && this.#connection && idleMs !== undefined)
        this.#idle = setTimeout(() => void this.close(), idleMs).unref();
    }
  }

  async #within<T>(
    what: string,
    run: (resolve: (value: T) => void, reject: (error: unknown) => void) => void,
  ): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    try {
      return await new Promise<T>((resolve, reject) => {
        const late = () =>
          reject(new BusError('org.freedesktop.DBus.Error.NoReply', `${what}: no answer in ${this.#timeoutMs} ms`));
        timer = setTimeout(late, this.#timeoutMs);
        run(resolve, reject);
      });
    } finally {
      clearTimeout(timer);
    }
  }

  #connected(): Promise<Connection> {
    const connection = this.#connection ?? this.#connect();
    this.#connection = connection;
    const forget = () => {
      if (this.#connection === connection) this.#connection = undefined;
    };
    connection.then(({ bus }) => bus.onClosed(forget), forget);
    return connection;
  }

  async #connect(): Promise<Connection> {
    const bus = await this.#options.connect();
    const jobs = new Map<string, string>();
    const waiting = new Map<string, (result: string) => void>();
    bus.onSignal(({ interface: iface, member, body }) => {
      if (iface !== managerInterface || member !== 'JobRemoved') return;
      // id, job, unit, result
      const [, job, , result] = body as readonly [number, string, string, string];
      const wait = waiting.get(job);
      if (wait) wait(result);
      else jobs.set(job, result);
      // Jobs of others are told as well: only those whose reply is on its way matter.
      if (jobs.size > 64) jobs.delete(jobs.keys().next().value!);
    });
    const rule = `type='signal',sender='${destination}',path='${path}',interface='${managerInterface}',member='JobRemoved'`;
    const self = 'org.freedesktop.DBus';
    await this.#within('AddMatch', (resolve, reject) =>
      bus
        .call({
          destination: self,
          path: '/org/freedesktop/DBus',
          interface: self,
          member: 'AddMatch',
          signature: 's',
          body: [rule],
        })
        .then(resolve, reject),
    );
    // Without it systemd tells nobody of jobs.
    await this.#within('Subscribe', (resolve, reject) =>
      bus.call({ destination, path, interface: managerInterface, member: 'Subscribe' }).then(resolve, reject),
    );
    return { bus, jobs, waiting };
  }
}

/** Whether an error says that systemd knows no such unit. */
export function isNoSuchUnit(error: unknown): boolean {
  return error instanceof BusError && error.type === 'org.freedesktop.systemd1.NoSuchUnit';
}

/** Whether an error says that there is a unit of this name already. */
export function isUnitExists(error: unknown): boolean {
  return error instanceof BusError && error.type === 'org.freedesktop.systemd1.UnitExists';
}
