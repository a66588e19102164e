import type { Manager, Placement } from '@nsinit/cgroups';
import type { Config, State } from '@nsinit/config';
import { cgroupManager, inCgroup, resourcesOf } from './cgroups.ts';
import { delegateToRoot, refuseForeignGroup } from './delegate-group.ts';
import { ContainerError } from './errors.ts';
import { freezeConfig } from './program/remember.ts';

/** The state of a container, as memory and disk have it. */
export interface StateCell {
  /** What is known of it. */
  readonly get: () => State;
  /** Changes it, on disk too. */
  readonly update: (changes: Partial<State>) => void;
  /** Gives it another, on disk too. */
  readonly replace: (state: State) => void;
}

/** A container's control group, and what the container's state says of it. */
export class ContainerGroup {
  readonly #cell: StateCell;
  #manager: Promise<Manager | undefined> | undefined;

  constructor(cell: StateCell) {
    this.#cell = cell;
  }

  /** Its manager; undefined when the configuration has no group, or whoever started it may make none. */
  known(): Promise<Manager | undefined> {
    const state = this.#cell.get();
    this.#manager ??= isNowhere(state.cgroupDriver, state.cgroupPaths)
      ? Promise.resolve(undefined)
      : cgroupManager(state);
    return this.#manager;
  }

  /** A manager for a group that is yet to be made; where it will be is written down before, as far as that is known. */
  async fresh(): Promise<Manager | undefined> {
    this.#manager = cgroupManager({ ...this.#cell.get(), cgroupPaths: {} });
    const manager = await this.#manager;
    this.#writePaths(manager);
    return manager;
  }

  /**
   * Its manager, for what makes no sense without a group.
   *
   * @throws {ContainerError} SystemError when the configuration has none.
   */
  async needed(step: string): Promise<Manager> {
    const manager = await this.known();
    if (manager) return manager;
    if (this.#cell.get().config.cgroups)
      throw new ContainerError('SystemError', `${step} needs a cgroup, and who started the container may make none`, {
        step,
        field: 'cgroups',
        hint: 'start it as root, or below a group that was delegated to this user: systemd-run --user --scope -p Delegate=yes',
      });
    throw new ContainerError('SystemError', `${step} needs a cgroup, and the configuration has no cgroups section`, {
      step,
      field: 'cgroups',
      hint: 'give the configuration a cgroups section with name and parent',
    });
  }

  /**
   * Makes the group ready for a process. A user without the right to make groups, who asks for no limit, has none: the
   * process stays where its starter is, and that is written down.
   */
  async prepare(step: string, manager: Manager | undefined): Promise<Placement | undefined> {
    const placement = manager && (await inCgroup(step, () => manager.prepare()));
    this.#writePaths(manager);
    if (manager && isNowhere(manager.driver, manager.paths())) this.#manager = Promise.resolve(undefined);
    return placement;
  }

  /**
   * Gives it to the container's root, where the configuration promises that.
   *
   * @throws {ContainerError} ConfigInvalid when it would be the group of somebody else.
   */
  async delegate(manager: Manager, placement?: Placement): Promise<void> {
    if (placement) refuseForeignGroup(this.#cell.get().config, placement);
    await inCgroup('give the cgroup to the container’s root', () => delegateToRoot(manager, this.#cell.get().config));
  }

  /** Puts a process into it. What systemd chose for its place is written down before the process goes on. */
  async apply(manager: Manager, pid: number): Promise<void> {
    await inCgroup('put the process into the cgroup', () => manager.apply(pid));
    this.#writePaths(manager);
    await this.delegate(manager);
  }

  /** Changes its limits to those of another configuration. They change; the group stays where it is. */
  async set(manager: Manager, config: Config): Promise<void> {
    await inCgroup('change the limits', () => manager.set(resourcesOf(config)));
    const now = this.#cell.get().config;
    const { name, parent, slice } = now.cgroups ?? {};
    const place = { name, parent, ...(slice === undefined ? {} : { slice }) };
    const cgroups = config.cgroups && { ...config.cgroups, ...place };
    this.#cell.update({ config: freezeConfig({ ...now, ...(cgroups ? { cgroups } : {}) }) });
  }

  #writePaths(manager: Manager | undefined): void {
    const paths = manager?.paths() ?? {};
    if (JSON.stringify(paths) !== JSON.stringify(this.#cell.get().cgroupPaths))
      this.#cell.update({ cgroupPaths: paths });
  }
}

/** systemd tells the place of a group only when it is there. */
function isNowhere(driver: Manager['driver'] | undefined, paths: Readonly<Record<string, string>>): boolean {
  return driver !== 'systemd' && Object.keys(paths).length === 0;
}
