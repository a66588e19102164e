import type { Manager } from '@nsinit/cgroups';
import type { Config } from '@nsinit/config';
import type { LaunchedProcess } from '@nsinit/namespaces';
import type { Fd } from '@nsinit/syscall';
import { cgroupFile, placeOf, removeCgroup } from './cgroups.ts';
import { refuseCheckpointed } from './checkpoint/marker.ts';
import type { ContainerAccess } from './container-access.ts';
import type { StartOptions } from './container-options.ts';
import { ContainerError } from './errors.ts';
import { writeIdMaps } from './id-maps.ts';
import { launchProcess } from './launch-process.ts';
import { watchMemoryKills } from './memory-kill.ts';
import { foreignNamespaces } from './namespace-set.ts';
import { checkNetwork, needsNetwork, setUpNetwork, tearDownNetwork } from './network/network.ts';
import type { Process } from './process/process.ts';
import type { HowToStart } from './program/how.ts';
import { initFiles } from './program/init.ts';
import { joinFiles } from './program/join.ts';
import { relabelMounts } from './program/relabel.ts';
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
import { keepsGroups } from './rootless/groups.ts';
import { IdMappedTrees } from './rootless/id-mapped.ts';
import { rootOutside } from './rootless/mapped-root.ts';
import type { NotifyingProcess } from './seccomp/agent.ts';
import { checkAnswered, listenerTaker } from './seccomp/take-listener.ts';
import { isAlive } from './state/proc.ts';
import { withInit } from './state/with-init.ts';

/** Told of each phase of a start. */
type Trace = (phase: string) => void;

/** What a launch of this container's process is given beside the plan. */
interface Launching {
  readonly files: Readonly<Record<string, () => Fd>>;
  /** The manager of the control group; undefined: there is none. */
  readonly manager: Manager | undefined;
  /** Whether the process waits until it has been put into its group. */
  readonly mustApply: boolean;
  /** What commands of the start print; undefined: it is no first process, which alone has such. */
  readonly output?: CommandOutput;
}

/** Decides the start of a process without starting it. */
export async function planIn({ state, init: findInit }: ContainerAccess, process: Process): Promise<PlannedStart> {
  const { config } = state.get();
  const filter = await filterOf(config);
  const init = findInit();
  return init
    ? planJoin(config, init, settleJoin(config, process, init), { filter })
    : planFirst(config, settleFirst(config, process), { filter });
}

/** The start of one process of a container, whose lock is held. */
export class Starting {
  readonly #container: ContainerAccess;
  readonly #process: Process;
  readonly #options: StartOptions;
  readonly #trace: Trace;

  constructor(container: ContainerAccess, process: Process, options: StartOptions, trace: Trace) {
    this.#container = container;
    this.#process = process;
    this.#options = options;
    this.#trace = trace;
  }

  /** Starts it as the first one. After a failure nothing is left, and the container is as it was. */
  async first(): Promise<void> {
    const { store, state } = this.#container;
    refuseCheckpointed(store);
    const { config } = state.get();
    const settings = settleFirst(config, this.#process);
    const filter = await filterOf(config);
    checkAnswered(filter, this.#options);
    await checkNetwork(config);
    await relabelMounts(config);
    const manager = await this.#container.group.fresh();
    using output = new CommandOutput();
    using trees = await IdMappedTrees.make(config);
    const before = state.get();
    try {
      const placement = await this.#container.group.prepare('make the cgroup', manager);
      using directory = placement?.directory;
      if (manager) await this.#container.group.delegate(manager, placement);
      const { supervisor } = this.#options;
      const planned = planFirst(config, settings, { supervisor, place: placeOf(placement), filter });
      this.#trace('compiled');
      const files = {
        ...cgroupFile(directory),
        ...trees.files,
        [initFiles.record.name]: () => store.openRecord(),
        [initFiles.commandOutput.name]: () => output.copy(),
      };
      const launched = await this.#launch(planned, {
        files,
        manager,
        mustApply: placement?.mustApply ?? false,
        output,
      });
      this.#trace('executed');
      if (this.#process.console) this.#recordInit(launched.pid);
    } catch (error) {
      state.replace(before);
      await tearDownNetwork(config, store.realDir());
      await removeCgroup(manager);
      throw error;
    }
  }

  /** Starts it beside the first one. */
  async join(init: number): Promise<void> {
    const manager = await this.#container.group.known();
    if (manager?.state() === 'FROZEN')
      throw new ContainerError('ContainerPaused', 'the container is paused', { hint: 'resume it first' });
    const { config } = this.#container.state.get();
    const settings = settleJoin(config, this.#process, init);
    const filter = await filterOf(config);
    checkAnswered(filter, this.#options);
    const placement = await this.#container.group.prepare('open the cgroup', manager);
    using directory = placement?.directory;
    const { supervisor } = this.#options;
    const planned = planJoin(config, init, settings, { supervisor, place: placeOf(placement), filter });
    this.#trace('compiled');
    const files = { ...cgroupFile(directory), [joinFiles.init.name]: () => this.#openInit(init) };
    await this.#launch(planned, { files, manager, mustApply: placement?.mustApply ?? false });
    this.#trace('executed');
  }

  /** A pidfd that surely is init's: opened first, then compared. */
  #openInit(init: number): ReturnType<typeof openPidfd> {
    const pidfd = openPidfd(init);
    if (isAlive(init, this.#container.state.get().initProcessStart)) return pidfd;
    pidfd.close();
    throw new ContainerError('ContainerNotRunning', 'the container has ended');
  }

  #launch(planned: PlannedStart, { files, manager, mustApply, output }: Launching): Promise<LaunchedProcess> {
    const { context, state } = this.#container;
    return launchProcess(this.#process, planned, {
      context,
      rootfs: state.get().config.rootfs,
      signal: this.#options.signal,
      owner: rootOutside(state.get().config),
      files,
      output,
      onCreated: (pid) => this.#prepare(pid, mustApply ? manager : undefined, output !== undefined),
      onListener: listenerTaker(planned.filter, this.#options, (pid) => this.#notifying(pid)),
      judge: watchMemoryKills(manager),
    });
  }

  /** What an agent is told of a process whose filter asks. */
  #notifying(pid: number): NotifyingProcess {
    const { store, state } = this.#container;
    const { config, initProcessPid: init } = state.get();
    return { id: store.id, pid, init, rootfs: config.rootfs };
  }

  /** What only this process can do for a process that is there and waits. */
  #prepare(pid: number, manager: Manager | undefined, isInit: boolean): void | Promise<void> {
    const { config } = this.#container.state.get();
    // Written while the process is on its way, which costs no time.
    if (isInit) this.#recordInit(pid);
    const mapping = isInit ? writeIdMaps(config, pid) : undefined;
    const networked = isInit && needsNetwork(config);
    if (mapping || manager || networked) return this.#prepareMore(pid, manager, networked, mapping);
  }

  async #prepareMore(
    pid: number,
    manager: Manager | undefined,
    networked: boolean,
    mapping: void | Promise<void>,
  ): Promise<void> {
    const { group, state, store } = this.#container;
    await mapping;
    if (manager) await group.apply(manager, pid);
    if (networked) await setUpNetwork(state.get().config, store.realDir(), pid);
  }

  /** Writes down who the first process is. */
  #recordInit(pid: number): void {
    const { state } = this.#container;
    state.update(withInit(state.get(), pid));
  }
}

function settleJoin(config: Config, process: Process, init: number): ProcessSettings {
  using root = openRootOf(init);
  return settleProcess(process, config, userFilesBelow(root), keepsGroups(init));
}

function planJoin(config: Config, init: number, settings: ProcessSettings, how: HowToStart): PlannedStart {
  return planOther(config, settings, foreignNamespaces(init), how);
}
