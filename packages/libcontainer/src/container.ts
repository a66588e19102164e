import { isMainThread } from 'node:worker_threads';
import type { Manager, OomEvent, WaitOptions } from '@nsinit/cgroups';
import type { CgroupDriver, Config, State } from '@nsinit/config';
import type { ExitStatus } from '@nsinit/namespaces';
import type { PrintedInstruction } from '@nsinit/syscall';
import { inCgroup, removeCgroup } from './cgroups.ts';
import { isCheckpointed } from './checkpoint/marker.ts';
import type { CheckpointOptions, CheckpointResult, RestoreOptions, RestoreResult } from './checkpoint/options.ts';
import type { ContainerAccess } from './container-access.ts';
import { ContainerGroup, type StateCell } from './container-group.ts';
import type { ContainerContext, ContainerStats, DestroyOptions, StartOptions } from './container-options.ts';
import { ContainerError } from './errors.ts';
import { killContainer } from './kill.ts';
import { tearDownNetwork } from './network/network.ts';
import { interfaceStats } from './network/stats.ts';
import type { Process } from './process/process.ts';
import { hasOwnPidNamespace, processesOf } from './processes.ts';
import { planIn, Starting } from './starting.ts';
import { isLocked } from './state/lock.ts';
import { isAlive } from './state/proc.ts';
import type { Store } from './state/store.ts';
import { withInit } from './state/with-init.ts';
import { Status } from './status.ts';

/** A container: made by `Factory.create`, or found again by `Factory.load`. */
export class Container {
  readonly #store: Store;
  readonly #context: ContainerContext;
  #state: State;
  readonly #cell: StateCell = {
    get: () => this.#state,
    update: (changes) => this.#write({ ...this.#state, ...changes }),
    replace: (state) => this.#write(state),
  };
  readonly #group = new ContainerGroup(this.#cell);

  /** Use a factory. */
  constructor(store: Store, state: State, context: ContainerContext) {
    this.#store = store;
    this.#state = state;
    this.#context = context;
  }

  /** Its id. */
  get id(): string {
    return this.#store.id;
  }

  /** Who keeps its control group. */
  get cgroupDriver(): CgroupDriver {
    return this.#state.cgroupDriver ?? 'cgroupfs';
  }

  /** Its configuration. */
  config(): Config {
    return this.#state.config;
  }

  /**
   * What it is doing now, whoever started it.
   *
   * @throws {ContainerError} SystemError when its files cannot be read.
   */
  async status(): Promise<Status> {
    if (!this.#init()) return isCheckpointed(this.#store) ? Status.Checkpointed : Status.Destroyed;
    return (await this.#group.known())?.state() === 'FROZEN' ? Status.Paused : Status.Running;
  }

  /**
   * Its state as `state.json` has it.
   *
   * @throws {ContainerError} ContainerNotExists when no process of it lives.
   */
  async state(): Promise<State> {
    const init = this.#init();
    if (!init) throw new ContainerError('ContainerNotExists', 'container destroyed');
    return this.#state;
  }

  /** How its first process ended; undefined while it runs, and when nobody was there to see it. */
  async exitStatus(): Promise<ExitStatus | undefined> {
    return this.#store.record()?.exit;
  }

  /**
   * The ids of its processes in our pid namespace. Some may have ended by the time one looks.
   *
   * @throws {ContainerError} ContainerNotExists when it does not run.
   */
  async processes(): Promise<readonly number[]> {
    const init = this.#init();
    if (!init) throw new ContainerError('ContainerNotExists', 'container destroyed');
    if (hasOwnPidNamespace(init)) return processesOf(init);
    const manager = await this.#group.known();
    return manager?.exists() ? manager.pids({ recursive: true }) : processesOf(init);
  }

  /**
   * What its processes use.
   *
   * @throws {ContainerError} ContainerNotExists when it does not run; SystemError without a cgroup section.
   */
  async stats(): Promise<ContainerStats> {
    const manager = await this.#runningCgroup('stats');
    return {
      interfaces: await interfaceStats(this.config(), this.#store.realDir(), this.#state.initProcessPid),
      cgroupStats: await inCgroup('read the statistics', () => manager.stats()),
    };
  }

  /**
   * Stops all its processes where they are; one that is paused already stays so. When that does not succeed in time they
   * go on, as before.
   *
   * @throws {ContainerError} ContainerNotExists when it does not run; SystemError.
   */
  async pause(options: WaitOptions = {}): Promise<void> {
    await this.#withGroup(
      'pause',
      (group) => inCgroup('freeze the processes', () => group.freeze(options)),
      options.signal,
    );
  }

  /**
   * Lets its processes go on.
   *
   * @throws {ContainerError} ContainerNotExists when it does not run; SystemError.
   */
  async resume(options: WaitOptions = {}): Promise<void> {
    await this.#withGroup(
      'resume',
      (group) => inCgroup('thaw the processes', () => group.thaw(options)),
      options.signal,
    );
  }

  /**
   * Changes its limits to those of another configuration, at once and for its state. A limit that is refused changes
   * nothing.
   *
   * @throws {ContainerError} ContainerNotExists when it does not run; SystemError naming field, file and remedy.
   */
  async set(config: Config): Promise<void> {
    await this.#withGroup('set', (group) => this.#group.set(group, config));
  }

  /**
   * Tells of each time when processes of it were killed because memory was out, until it ends or the signal aborts.
   *
   * @throws {ContainerError} ContainerNotExists when it does not run.
   */
  async notifyOom(options: { readonly signal?: AbortSignal } = {}): Promise<AsyncIterableIterator<OomEvent>> {
    return (await this.#runningCgroup('notifyOom')).oomEvents(options);
  }

  /**
   * Starts a process: the first one when the container does not run, else one beside it, with everything that the first
   * one has. Resolves when the process executes its program.
   *
   * @throws {ContainerError} ConfigInvalid, or SystemError with the step that failed. Nothing is left of the process.
   */
  async start(process: Process, options: StartOptions = {}): Promise<void> {
    if (!isMainThread && options.supervisor === false && this.config().parentDeathSignal)
      throw new ContainerError(
        'ConfigInvalid',
        'a worker thread cannot give a parent death signal to a child of its own',
        {
          field: 'parentDeathSignal',
          hint: 'the kernel would send it at the end of the thread: leave the supervisor, which watches the whole process',
        },
      );
    const begun = performance.now();
    const trace = (phase: string) => this.#context.trace?.(phase, performance.now() - begun);
    const { initProcessPid: pid, initProcessStart: start } = this.#state;
    process.take();
    try {
      await this.#store.locked(
        pid > 0 && isAlive(pid, start) ? 'shared' : 'exclusive',
        async () => {
          const init = this.#init();
          trace('locked');
          const starting = new Starting(this.#access(), process, options, trace);
          await (init ? starting.join(init) : starting.first());
        },
        options.signal,
      );
    } catch (error) {
      process.giveBack();
      throw error;
    }
    trace('started');
  }

  /** The system calls that starting this process would make, with the reason for each. Nothing is started. */
  async plan(process: Process): Promise<readonly PrintedInstruction[]> {
    const planned = await planIn(this.#access(), process);
    return planned.plan.program.print();
  }

  /**
   * Saves its processes on disk. They end unless they are to run on, and its status is Checkpointed.
   *
   * @throws {ContainerError} ContainerNotRunning; SystemError with the decisive line of criu's log: it runs on as before.
   */
  async checkpoint(options: CheckpointOptions = {}): Promise<CheckpointResult> {
    const { checkpoint } = await import('./checkpoint/checkpoint.ts');
    return await checkpoint(this.#access(), options);
  }

  /**
   * Lets saved processes go on. Of the process count its streams or its console; it is the first one then, and is waited for
   * and signalled as one that was started.
   *
   * @throws {ContainerError} ContainerNotStopped while it runs; SystemError as {@link checkpoint}: nothing but images is left.
   */
  async restore(process: Process, options: RestoreOptions = {}): Promise<RestoreResult> {
    const { restore } = await import('./checkpoint/restore.ts');
    return await restore(this.#access(), process, options);
  }

  /**
   * Removes what is left of the container; its id is free then.
   *
   * @throws {ContainerError} ContainerNotStopped while it runs, unless forced.
   */
  async destroy(options: DestroyOptions = {}): Promise<void> {
    if (!this.#store.exists()) return;
    await this.#store.locked('exclusive', async () => {
      const init = this.#init();
      if (init && !options.force)
        throw new ContainerError('ContainerNotStopped', 'container is not destroyed', {
          hint: 'end its first process, or destroy it with force',
        });
      const manager = await this.#group.known();
      if (init) await killContainer(init, manager);
      await tearDownNetwork(this.config(), this.#store.realDir());
      await removeCgroup(manager);
      this.#store.remove();
    });
  }

  /** The live first process, or undefined. */
  #init(): number | undefined {
    const { initProcessPid: pid, initProcessStart: start } = this.#state;
    if (pid > 0 && start !== '') {
      if (isAlive(pid, start)) return pid;
      if (!this.#store.exists()) return undefined;
    }
    return this.#refresh();
  }

  /** Looks for a first process that somebody else has started since, or whose starter died before it could say so. */
  #refresh(): number | undefined {
    if (!this.#store.exists()) return undefined;
    const state = this.#store.read(this.#state);
    this.#state = state;
    if (state.initProcessPid > 0)
      return isAlive(state.initProcessPid, state.initProcessStart) ? state.initProcessPid : undefined;
    const record = this.#store.record();
    if (record?.pid === undefined || record.exit || !isLocked(this.#store.recordPath)) return undefined;
    this.#recordInit(record.pid);
    return record.pid;
  }

  async #withGroup(step: string, body: (manager: Manager) => Promise<void>, signal?: AbortSignal): Promise<void> {
    const manager = await this.#runningCgroup(step);
    await this.#store.locked('exclusive', () => body(manager), signal);
  }

  async #runningCgroup(step: string): Promise<Manager> {
    if (!this.#init()) throw new ContainerError('ContainerNotExists', 'container destroyed', { step });
    return await this.#group.needed(step);
  }

  /** Writes down who the first process is. */
  #recordInit(pid: number): void {
    this.#write(withInit(this.#state, pid));
  }

  #access(): ContainerAccess {
    const init = () => this.#init();
    return { store: this.#store, context: this.#context, state: this.#cell, group: this.#group, init };
  }

  #write(state: State): void {
    this.#state = state;
    this.#store.write(state);
  }
}
