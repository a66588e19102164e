import { isMainThread } from 'node:worker_threads';
import type { Manager, OomEvent, WaitOptions } from '@nsinit/cgroups';
import type { CgroupDriver, Config, State } from '@nsinit/config';
import type { ExitStatus, LaunchedProcess } from '@nsinit/namespaces';
import type { Fd, PrintedInstruction } from '@nsinit/syscall';
import { cgroupFile, inCgroup, placeOf, removeCgroup } from './cgroups.ts';
import type { ContainerAccess } from './checkpoint/access.ts';
import { isCheckpointed, refuseCheckpointed } from './checkpoint/marker.ts';
import type { CheckpointOptions, CheckpointResult, RestoreOptions, RestoreResult } from './checkpoint/options.ts';
import { ContainerGroup, type StateCell } from './container-group.ts';
import type { ContainerContext, ContainerStats, DestroyOptions, StartOptions } from './container-options.ts';
import { ContainerError } from './errors.ts';
import { writeIdMaps } from './id-maps.ts';
import { killContainer } from './kill.ts';
import { launchProcess } from './launch-process.ts';
import { watchMemoryKills } from './memory-kill.ts';
import { foreignNamespaces } from './namespace-set.ts';
import { needsNetwork, setUpNetwork, tearDownNetwork } from './network/network.ts';
import { interfaceStats } from './network/stats.ts';
import type { Process } from './process/process.ts';
import { hasOwnPidNamespace, processesOf } from './processes.ts';
import type { HowToStart } from './program/how.ts';
import { initFiles } from './program/init.ts';
import { joinFiles } from './program/join.ts';
import { filterOf } from './program/seccomp.ts';
import { type ProcessSettings, settleProcess } from './program/settings.ts';
import {
  CommandOutput,
  openPidfd,
  openRootOf,
  type PlannedStart,
  planFirst,
  planOther,
  settleFirst,
} from './program/start.ts';
import { userFilesBelow } from './program/user.ts';
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
  readonly #cell: StateCell = { get: () => this.#state, update: (changes) => this.#update(changes) };
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
    const manager = await this.#runningCgroup('pause');
    await this.#store.locked(
      'exclusive',
      () => inCgroup('freeze the processes', () => manager.freeze(options)),
      options.signal,
    );
  }

  /**
   * Lets its processes go on.
   *
   * @throws {ContainerError} ContainerNotExists when it does not run; SystemError.
   */
  async resume(options: WaitOptions = {}): Promise<void> {
    const manager = await this.#runningCgroup('resume');
    await this.#store.locked(
      'exclusive',
      () => inCgroup('thaw the processes', () => manager.thaw(options)),
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
    const manager = await this.#runningCgroup('set');
    await this.#store.locked('exclusive', () => this.#group.set(manager, config));
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
          if (init) await this.#join(process, init, options, trace);
          else await this.#first(process, options, trace);
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
    const config = this.config();
    const filter = await filterOf(config);
    const init = this.#init();
    const planned = init
      ? this.#planJoin(init, this.#settleJoin(process, init), { filter })
      : planFirst(config, settleFirst(config, process), { filter });
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

  async #first(process: Process, options: StartOptions, trace: (phase: string) => void): Promise<void> {
    refuseCheckpointed(this.#store);
    const config = this.config();
    const settings = settleFirst(config, process);
    const filter = await filterOf(config);
    const manager = await this.#group.fresh();
    using output = new CommandOutput();
    const before = this.#state;
    try {
      const placement = manager && (await inCgroup('make the cgroup', () => manager.prepare()));
      using directory = placement?.directory;
      const { supervisor } = options;
      const planned = planFirst(config, settings, { supervisor, place: placeOf(placement), filter });
      trace('compiled');
      const files = {
        ...cgroupFile(directory),
        [initFiles.record.name]: () => this.#store.openRecord(),
        [initFiles.commandOutput.name]: () => output.copy(),
      };
      const group = { manager, mustApply: placement?.mustApply ?? false };
      const launched = await this.#launch(process, planned, options, files, group, output);
      trace('executed');
      if (process.console) this.#recordInit(launched.pid);
    } catch (error) {
      this.#state = before;
      this.#store.write(before);
      await tearDownNetwork(config, this.#store.realDir());
      await removeCgroup(manager);
      throw error;
    }
  }

  async #join(process: Process, init: number, options: StartOptions, trace: (phase: string) => void): Promise<void> {
    const manager = await this.#group.known();
    if (manager?.state() === 'FROZEN')
      throw new ContainerError('ContainerPaused', 'the container is paused', { hint: 'resume it first' });
    const settings = this.#settleJoin(process, init);
    const filter = await filterOf(this.config());
    const placement = manager && (await inCgroup('open the cgroup', () => manager.prepare()));
    using directory = placement?.directory;
    const { supervisor } = options;
    const planned = this.#planJoin(init, settings, { supervisor, place: placeOf(placement), filter });
    trace('compiled');
    const files = { ...cgroupFile(directory), [joinFiles.init.name]: () => this.#openInit(init) };
    await this.#launch(process, planned, options, files, { manager, mustApply: placement?.mustApply ?? false });
    trace('executed');
  }

  #settleJoin(process: Process, init: number): ProcessSettings {
    using root = openRootOf(init);
    return settleProcess(process, this.config(), userFilesBelow(root));
  }

  #planJoin(init: number, settings: ProcessSettings, how: HowToStart): PlannedStart {
    return planOther(this.config(), settings, foreignNamespaces(init), how);
  }

  async #runningCgroup(step: string): Promise<Manager> {
    if (!this.#init()) throw new ContainerError('ContainerNotExists', 'container destroyed', { step });
    return await this.#group.needed(step);
  }

  /** A pidfd that surely is init's: opened first, then compared. */
  #openInit(init: number): ReturnType<typeof openPidfd> {
    const pidfd = openPidfd(init);
    if (isAlive(init, this.#state.initProcessStart)) return pidfd;
    pidfd.close();
    throw new ContainerError('ContainerNotRunning', 'the container has ended');
  }

  #launch(
    process: Process,
    planned: PlannedStart,
    options: StartOptions,
    files: Readonly<Record<string, () => Fd>>,
    group: { readonly manager: Manager | undefined; readonly mustApply: boolean },
    output?: CommandOutput,
  ): Promise<LaunchedProcess> {
    const waitsFor = group.mustApply ? group.manager : undefined;
    return launchProcess(process, planned, {
      context: this.#context,
      rootfs: this.config().rootfs,
      signal: options.signal,
      files,
      output,
      onCreated: (pid) => this.#prepare(pid, waitsFor, output !== undefined),
      judge: watchMemoryKills(group.manager),
    });
  }

  /** What only this process can do for a process that is there and waits. */
  #prepare(pid: number, manager: Manager | undefined, isInit: boolean): void | Promise<void> {
    // Written while the process is on its way, which costs no time.
    if (isInit) {
      this.#recordInit(pid);
      writeIdMaps(this.config(), pid);
    }
    const networked = isInit && needsNetwork(this.config());
    if (manager || networked) return this.#prepareMore(pid, manager, networked);
  }

  async #prepareMore(pid: number, manager: Manager | undefined, networked: boolean): Promise<void> {
    if (manager) await this.#group.apply(manager, pid);
    if (networked) await setUpNetwork(this.config(), this.#store.realDir(), pid);
  }

  /** Writes down who the first process is. */
  #recordInit(pid: number): void {
    this.#update(withInit(this.#state, pid));
  }

  #access(): ContainerAccess {
    const init = () => this.#init();
    return { store: this.#store, context: this.#context, state: this.#cell, group: this.#group, init };
  }

  #update(changes: Partial<State>): void {
    this.#state = { ...this.#state, ...changes };
    this.#store.write(this.#state);
  }
}
