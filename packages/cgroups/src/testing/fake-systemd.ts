import { type Bus, type BusCall, BusError, type BusSignal, BusVariant, disconnected } from '../systemd/bus.ts';

/** A systemd that keeps units in memory, for tests of what the driver says to it. */
export class FakeSystemd {
  /** Every call to the manager, with its arguments. */
  readonly calls: (readonly [member: string, ...body: readonly unknown[]])[] = [];
  readonly units = new Map<string, 'active' | 'failed'>();
  /** What the next jobs end with. */
  jobResult = 'done';
  /** Calls that get no answer. */
  silent: ReadonlySet<string> = new Set();
  /** Errors to answer calls with, once each. */
  readonly errors = new Map<string, BusError>();
  /** Whether the signal comes before the reply. */
  signalFirst = false;
  version = '252.39-1~deb12u1';
  controlGroup = '/system.slice/x.scope';
  connections = 0;
  #bus: FakeBus | undefined;

  connect(): Promise<Bus> {
    this.connections += 1;
    this.#bus = new FakeBus((call) => this.#answer(call));
    return Promise.resolve(this.#bus);
  }

  /** Ends the connection from systemd's side. */
  drop(): void {
    this.#bus?.close();
  }

  /** The properties that a unit was started with. */
  properties(unit: string): Readonly<Record<string, unknown>> {
    const call = this.calls.findLast(([member, name]) => member === 'StartTransientUnit' && name === unit);
    const properties = (call?.[3] ?? []) as readonly (readonly [string, BusVariant])[];
    return Object.fromEntries(properties.map(([name, { value }]) => [name, value]));
  }

  async #answer({ interface: iface, member, body = [] }: BusCall): Promise<readonly unknown[]> {
    if (iface === 'org.freedesktop.DBus.Properties') {
      this.calls.push([`Get ${String(body[1])}`]);
      return [new BusVariant('s', body[1] === 'Version' ? this.version : this.#controlGroup())];
    }
    this.calls.push([member, ...body]);
    if (this.silent.has(member)) return await new Promise<never>(() => {});
    const error = this.errors.get(member);
    this.errors.delete(member);
    if (error) throw error;
    const unit = String(body[0]);
    switch (member) {
      case 'StartTransientUnit':
        if (this.units.has(unit)) throw new BusError('org.freedesktop.systemd1.UnitExists', `Unit ${unit} exists`);
        this.units.set(unit, 'active');
        return this.#job(unit);
      case 'StopUnit':
        this.#need(unit);
        this.units.delete(unit);
        return this.#job(unit);
      case 'ResetFailedUnit':
        this.#need(unit);
        if (this.units.get(unit) === 'failed') this.units.delete(unit);
        return [];
      case 'GetUnit':
        this.#need(unit);
        return [`/unit/${unit}`];
      default:
        return [];
    }
  }

  #controlGroup(): string {
    return [...this.units.values()].includes('active') ? this.controlGroup : '';
  }

  #need(unit: string): void {
    if (!this.units.has(unit)) throw new BusError('org.freedesktop.systemd1.NoSuchUnit', `Unit ${unit} not loaded`);
  }

  #job(unit: string): readonly unknown[] {
    const path = `/job/${this.calls.length}`;
    const removed = () => this.#bus?.signal('JobRemoved', [1, path, unit, this.jobResult]);
    if (this.signalFirst) removed();
    else setImmediate(removed);
    return [path];
  }
}

class FakeBus implements Bus {
  readonly #answer: (call: BusCall) => Promise<readonly unknown[]>;
  readonly #listeners: ((signal: BusSignal) => void)[] = [];
  readonly #closed: (() => void)[] = [];
  #lost: ((error: BusError) => void)[] = [];
  connected = true;

  constructor(answer: (call: BusCall) => Promise<readonly unknown[]>) {
    this.#answer = answer;
  }

  call(call: BusCall): Promise<readonly unknown[]> {
    if (!this.connected) return Promise.reject(new BusError(disconnected, 'closed'));
    return new Promise((resolve, reject) => {
      this.#lost.push(reject);
      this.#answer(call).then(resolve, reject);
    });
  }

  signal(member: string, body: readonly unknown[]): void {
    const signal = { path: '/org/freedesktop/systemd1', interface: 'org.freedesktop.systemd1.Manager', member, body };
    for (const listener of this.#listeners) listener(signal);
  }

  onSignal(listener: (signal: BusSignal) => void): void {
    this.#listeners.push(listener);
  }

  onClosed(listener: () => void): void {
    this.#closed.push(listener);
  }

  close(): void {
    this.connected = false;
    for (const lost of this.#lost.splice(0)) lost(new BusError(disconnected, 'closed'));
    for (const listener of this.#closed.splice(0)) listener();
  }
}
