import { readFileSync } from 'node:fs';
import { moveBack, placesOf } from '../cgroupfs/join.ts';
import { CgroupfsManager } from '../cgroupfs/manager.ts';
import { allPids } from '../cgroupfs/procs.ts';
import { CgroupError } from '../error.ts';
import type { OomEvent, PressureEvent } from '../events/event.ts';
import { Group } from '../fs/group.ts';
import { detectLayout, type Layout } from '../layout/layout.ts';
import type { CgroupMembership } from '../layout/proc-cgroup.ts';
import type { KillOptions, Manager, PidsOptions, Placement, WaitOptions } from '../manager.ts';
import { checkControllers, neededControllers } from '../needed.ts';
import type { GroupOptions } from '../options.ts';
import type { FreezerState, Resources } from '../resources.ts';
import type { Stats } from '../stats/stats.ts';
import { BusError, BusVariant } from './bus.ts';
import { isNoSuchUnit, isUnitExists, type SystemdClient, type UnitProperty } from './client.ts';
import { flag, type PropertyContext, propertiesBefore, resourceProperties } from './properties.ts';
import { sharedClient } from './shared-client.ts';
import { scopeName, sliceName } from './unit.ts';

/** What only systemd is told. */
export interface SystemdOptions {
  /** Slice above the scope; `-` is the root slice. Default: system.slice, of a user's manager user.slice. */
  readonly slice?: string | undefined;
  /** Whether it is this user's manager instead of the system's. Default: whether this process is not root. */
  readonly user?: boolean | undefined;
  /** Default: `container NAME`. */
  readonly description?: string | undefined;
  /** Further properties of the unit: see `annotationProperties`. */
  readonly properties?: readonly UnitProperty[] | undefined;
  /** systemd on a bus. Default: one for all groups, connected when needed and let go when unused for a second. */
  readonly client?: SystemdClient | undefined;
}

/** A group that systemd keeps: a transient scope, whose limits systemd and the files both know. */
export class SystemdManager implements Manager {
  readonly driver = 'systemd';
  /** Name of the scope. */
  readonly unit: string;
  readonly #options: GroupOptions;
  readonly #systemd: SystemdOptions;
  readonly #client: SystemdClient;
  readonly #layout: Layout;
  readonly #user: boolean;
  #resources: Resources;
  #files: CgroupfsManager | undefined;
  #quiet = false;

  /** @throws {CgroupError} ERR_CGROUP_INVALID for a name or a slice that is none. */
  constructor(options: GroupOptions, systemd: SystemdOptions = {}) {
    this.unit = scopeName(options);
    this.#options = options;
    this.#systemd = systemd;
    this.#user = systemd.user ?? process.geteuid?.() !== 0;
    this.#client = systemd.client ?? sharedClient(this.#user);
    this.#layout = options.layout ?? detectLayout();
    this.#resources = this.#allowed(options.resources ?? {});
    sliceName(systemd.slice, 'system.slice');
    if (options.paths)
      this.#files = new CgroupfsManager({ ...options, resources: this.#resources, layout: this.#layout });
  }

  async prepare(): Promise<Placement> {
    // The scope is there, and delegated: root needs systemd no more. A user may move processes only within what is its own,
    // and is mostly not there itself: a login session is outside of the user's manager.
    if (this.#files) return this.#user ? { directory: undefined, mustApply: true } : await this.#files.prepare();
    checkControllers(this.#layout, this.#resources);
    try {
      await this.#properties(this.#resources);
      return { directory: undefined, mustApply: true };
    } catch (error) {
      if (!this.#mayStay(error)) throw error;
      this.#quiet = true;
      return { directory: undefined, mustApply: false };
    }
  }

  async apply(pid: number): Promise<void> {
    if (this.#files && this.#user)
      return await this.#told(() => this.#client.attachProcesses(this.unit, [pid]), 'put the process into');
    if (this.#files) return await this.#files.apply(pid);
    if (!this.#quiet) await this.prepare();
    if (this.#quiet) return;
    const before = placesOf(pid);
    await this.#start(pid);
    try {
      const path = await this.#controlGroup();
      const options = { ...this.#options, name: undefined, parent: undefined, layout: this.#layout };
      this.#files = new CgroupfsManager({ ...options, path, resources: this.#resources, exclusive: false });
      await this.#files.apply(pid);
    } catch (error) {
      this.#files = undefined;
      await this.#takeBack(pid, before);
      throw error;
    }
  }

  /** Without a process in it the scope can go; a process that may not be moved keeps it until it ends. */
  async #takeBack(pid: number, before: readonly CgroupMembership[]): Promise<void> {
    const { v1, v2 } = this.#layout;
    moveBack(v2 ? [...v1, v2] : v1, before, pid);
    if (await this.#isInUse()) return;
    await this.#told(() => this.#client.stopUnit(this.unit), 'stop');
    await this.#told(() => this.#client.resetFailed(this.unit), 'forget the failure of');
  }

  pids(options?: PidsOptions): readonly number[] {
    return this.#files?.pids(options) ?? [];
  }

  stats(): Stats {
    return this.#files?.stats() ?? {};
  }

  async freeze(options?: WaitOptions): Promise<void> {
    await this.#known().freeze(options);
  }

  async thaw(options?: WaitOptions): Promise<void> {
    await this.#files?.thaw(options);
  }

  state(): FreezerState {
    return this.#files?.state() ?? 'THAWED';
  }

  async set(resources: Resources): Promise<void> {
    const asked = this.#allowed(resources);
    const files = this.#known();
    checkControllers(this.#layout, asked);
    const before = await this.#properties(this.#resources);
    const changed = await this.#properties(asked);
    await this.#told(() => this.#client.setProperties(this.unit, changed), 'set the properties of');
    try {
      await files.set(asked);
    } catch (error) {
      const old = propertiesBefore(changed, before);
      await this.#told(() => this.#client.setProperties(this.unit, old), 'give the old properties back to');
      throw error;
    }
    this.#resources = { ...this.#resources, ...asked };
  }

  async kill(options?: KillOptions): Promise<void> {
    await this.#files?.kill(options);
  }

  async destroy(options: WaitOptions = {}): Promise<void> {
    if (!this.#files) return;
    await this.#files.empty({ timeoutMs: 2000, ...options }).catch(async (error: unknown) => {
      // Says which processes are left.
      if (error instanceof CgroupError) await this.#files?.destroy({ ...options, timeoutMs: 0 });
      throw error;
    });
    await this.#told(() => this.#client.stopUnit(this.unit), 'stop');
    await this.#told(() => this.#client.resetFailed(this.unit), 'forget the failure of');
    await this.#files.destroy(options);
  }

  exists(): boolean {
    return this.#files?.exists() ?? false;
  }

  paths(): Readonly<Record<string, string>> {
    return this.#files?.paths() ?? {};
  }

  oomEvents(options?: { readonly signal?: AbortSignal | undefined }): AsyncIterableIterator<OomEvent> {
    return this.#known().oomEvents(options);
  }

  pressureEvents(options?: { readonly signal?: AbortSignal | undefined }): AsyncIterableIterator<PressureEvent> {
    return this.#known().pressureEvents(options);
  }

  async empty(options?: WaitOptions): Promise<void> {
    await this.#files?.empty(options);
  }

  /** A failed scope of the same name is what a killed predecessor leaves: it is forgotten once. */
  async #start(pid: number): Promise<void> {
    const properties = await this.#scopeProperties(pid);
    const start = () => this.#startUnit(properties);
    await this.#told(async () => {
      try {
        await start();
      } catch (error) {
        if (!isUnitExists(error) || (await this.#isInUse())) throw error;
        await this.#client.resetFailed(this.unit);
        await start();
      }
    }, 'start');
  }

  /** A version of systemd that takes no DefaultDependencies for a scope says so: then it has to do without. */
  async #startUnit(properties: readonly UnitProperty[]): Promise<void> {
    try {
      await this.#client.startTransientUnit(this.unit, properties);
    } catch (error) {
      if (!(error instanceof BusError && error.message.includes('DefaultDependencies'))) throw error;
      const rest = properties.filter(([name]) => name !== 'DefaultDependencies');
      await this.#client.startTransientUnit(this.unit, rest);
    }
  }

  async #isInUse(): Promise<boolean> {
    const path = await this.#controlGroup().catch((error: unknown) => {
      if (isNoSuchUnit((error as CgroupError).cause)) return '';
      throw error;
    });
    return path !== '' && allPids(this.#groupsAt(path)).length > 0;
  }

  #groupsAt(path: string): readonly Group[] {
    const hierarchies = this.#layout.v2 ? [this.#layout.v2] : this.#layout.v1;
    return hierarchies.map(({ mountPoint }) => new Group(`${mountPoint}${path}`));
  }

  async #scopeProperties(pid: number): Promise<readonly UnitProperty[]> {
    const { description = `container ${this.#options.name}`, slice, properties = [] } = this.#systemd;
    const text = (name: string, value: string): UnitProperty => [name, new BusVariant('s', value)];
    const io = this.#version() === 2 ? 'IOAccounting' : 'BlockIOAccounting';
    return [
      text('Slice', sliceName(slice, this.#user ? 'user.slice' : 'system.slice')),
      text('Description', description),
      ['PIDs', new BusVariant('au', [pid])],
      flag('Delegate', true),
      // Else systemd stops the scope before the services that the container needs to end in order.
      flag('DefaultDependencies', false),
      flag('MemoryAccounting', true),
      flag('CPUAccounting', true),
      flag(io, true),
      flag('TasksAccounting', true),
      ...(await this.#properties(this.#resources)),
      ...properties,
    ];
  }

  async #properties(resources: Resources): Promise<readonly UnitProperty[]> {
    const systemd = await this.#told(() => this.#client.version(), 'ask for');
    const context: PropertyContext = {
      version: this.#version(),
      systemd,
      procDevices: systemd < 240 ? readFileSync('/proc/devices', 'utf8') : '',
    };
    return resourceProperties(resources, context);
  }

  async #controlGroup(): Promise<string> {
    return String(await this.#told(() => this.#client.property(this.unit, 'Scope', 'ControlGroup'), 'find'));
  }

  /** On a hybrid host systemd limits by v1. */
  #version(): 1 | 2 {
    return this.#layout.kind === 'v2' ? 2 : 1;
  }

  #known(): CgroupfsManager {
    if (this.#files) return this.#files;
    throw new CgroupError('ERR_CGROUP_INVALID', `${this.unit} has no process yet`, {
      hint: 'apply a process first, or give the paths of the group that exists',
    });
  }

  /** In a user namespace no device can be made, so rules about them would only be refused. */
  #allowed(resources: Resources): Resources {
    if (!this.#user) return resources;
    const { allowAllDevices: _, allowedDevices: _1, deniedDevices: _2, devices: _3, ...rest } = resources;
    return rest;
  }

  /** Without a bus of this user, and without limits, the process stays where it is. */
  #mayStay(error: unknown): boolean {
    const needs = neededControllers(this.#resources).length > 0 || this.#resources.unified !== undefined;
    return this.#user && !needs && error instanceof CgroupError && error.code === 'ERR_CGROUP_BUS';
  }

  async #told<T>(call: () => Promise<T>, what: string): Promise<T> {
    try {
      return await call();
    } catch (error) {
      if (!(error instanceof BusError)) throw error;
      throw new CgroupError('ERR_CGROUP_BUS', `${what} ${this.unit}: ${error.message}`, {
        cause: error,
        hint: busHint(error, this.#user),
      });
    }
  }
}

function busHint(error: BusError, user: boolean): string | undefined {
  if (error.type.endsWith('.InteractiveAuthorizationRequired') || error.type.endsWith('.AccessDenied'))
    return user ? 'this user may not do that' : 'run as root, or use the bus of this user';
  if (!error.type.endsWith('.NoServer')) return undefined;
  return user
    ? 'install dbus-user-session, log in with a session or run "loginctl enable-linger $USER", and set XDG_RUNTIME_DIR=/run/user/$(id -u)'
    : 'systemd and its bus do not run here: use the cgroupfs driver';
}
