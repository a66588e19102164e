import { CgroupError } from '../error.ts';
import type { OomEvent, PressureEvent } from '../events/event.ts';
import { v2PressureEvents } from '../events/pressure.ts';
import type { MergingQueue } from '../events/queue.ts';
import { v1MemoryEvents } from '../events/v1.ts';
import { endWhenEmpty, v2OomEvents } from '../events/v2.ts';
import type { FileWatch } from '../events/watch-file.ts';
import { openDirectory } from '../fs/directory.ts';
import type { Group } from '../fs/group.ts';
import type { Layout } from '../layout/layout.ts';
import type { KillOptions, Manager, PidsOptions, Placement, WaitOptions } from '../manager.ts';
import { checkControllers } from '../needed.ts';
import type { GroupOptions } from '../options.ts';
import type { Part } from '../part.ts';
import { deadline } from '../process/wait.ts';
import type { FreezerState, Resources } from '../resources.ts';
import type { Stats, StatsBuilder } from '../stats/stats.ts';
import { freezeV1, v1FreezerState } from '../v1/freezer.ts';
import { freezeV2, v2FreezerState } from '../v2/freezer.ts';
import { untilEmpty } from './empty.ts';
import { joinGroup } from './join.ts';
import { freezerOf, killAll, signalFrozen, thawParts } from './kill.ts';
import { makeGroup, neededNames, setLimits } from './make.ts';
import { partsOf } from './parts.ts';
import { allPids, pidsOf } from './procs.ts';
import { removeGroup } from './remove.ts';

const SIGKILL = 9;

/** A group that is kept by writing files: v1, v2, or both beside each other. */
export class CgroupfsManager implements Manager {
  readonly driver = 'cgroupfs';
  readonly #layout: Layout;
  readonly #options: GroupOptions;
  readonly #rootless: boolean;
  #parts: readonly Part[];
  #resources: Resources;
  #made: boolean;

  /** @throws {CgroupError} ERR_CGROUP_INVALID for a path that cannot be one. */
  constructor(options: GroupOptions) {
    const { layout, parts } = partsOf(options);
    this.#layout = layout;
    this.#options = options;
    this.#parts = parts;
    this.#rootless = options.rootless ?? process.geteuid?.() !== 0;
    this.#resources = this.#allowed(options.resources ?? {});
    this.#made = options.paths !== undefined;
  }

  async prepare(): Promise<Placement> {
    this.#make();
    const v2 = this.#v2();
    return {
      directory: v2 && openDirectory(v2.path),
      mustApply: this.#parts.some(({ hierarchy }) => hierarchy.version === 1) || this.#resources.freezer === 'FROZEN',
    };
  }

  async apply(pid: number): Promise<void> {
    const made = this.#make();
    try {
      joinGroup(this.#parts, pid);
      if (this.#resources.freezer === 'FROZEN') await this.freeze();
    } catch (error) {
      if (made) await this.#takeBack(error);
      throw error;
    }
  }

  pids({ recursive = false }: PidsOptions = {}): readonly number[] {
    const group = this.#v2() ?? this.#parts[0]?.group;
    if (!group) return [];
    return recursive ? allPids([group]) : pidsOf(group);
  }

  stats(): Stats {
    const stats: StatsBuilder = {};
    for (const part of this.#parts) {
      if (!part.group.exists()) continue;
      try {
        part.stats(stats);
      } catch (error) {
        // Whoever keeps the group may remove it at any moment: what has been read until then still holds.
        if (part.group.exists()) throw error;
      }
    }
    return stats;
  }

  async freeze({ signal, timeoutMs = 2000 }: WaitOptions = {}): Promise<void> {
    const until = deadline(timeoutMs, signal);
    const v1 = freezerOf(this.#parts);
    const v2 = this.#v2();
    if (v1) await freezeV1(v1, until);
    else if (v2) await freezeV2(v2, until);
    else
      throw new CgroupError('ERR_CGROUP_CONTROLLER', 'mountpoint for freezer not found', {
        field: 'freezer',
        hint: 'mount the freezer hierarchy of cgroup v1, or use cgroup v2',
      });
  }

  async thaw({ signal, timeoutMs = 2000 }: WaitOptions = {}): Promise<void> {
    await thawParts(this.#parts, deadline(timeoutMs, signal));
  }

  state(): FreezerState {
    const v1 = freezerOf(this.#parts);
    const v2 = this.#v2();
    // FREEZING is a freeze under way: whoever resumes the group ends it.
    const v1State = v1 && v1FreezerState(v1);
    const v2State = v2 && v2FreezerState(v2);
    const frozen = (v1State !== undefined && v1State !== 'THAWED') || v2State === 'FROZEN';
    return frozen ? 'FROZEN' : 'THAWED';
  }

  async set(resources: Resources): Promise<void> {
    const asked = this.#allowed(resources);
    checkControllers(this.#layout, asked);
    const needed = neededNames(asked);
    const v2 = this.#parts.find(({ hierarchy }) => hierarchy.version === 2);
    if (needed.size > 0 && v2?.group.exists()) v2.make([], needed);
    const undo = setLimits(this.#parts, asked, this.#resources);
    try {
      for (const part of this.#parts) part.verify(asked);
      if (asked.freezer === 'FROZEN') await this.freeze();
      else if (asked.freezer === 'THAWED') await this.thaw();
    } catch (error) {
      undo();
      throw error;
    }
    this.#resources = { ...this.#resources, ...asked };
  }

  async kill({ signal, timeoutMs = 10_000, signalNumber = SIGKILL }: KillOptions = {}): Promise<void> {
    const until = deadline(timeoutMs, signal);
    if (signalNumber === SIGKILL) await killAll(this.#parts, until);
    else await signalFrozen(this.#parts, signalNumber, until);
  }

  async destroy({ signal, timeoutMs = 2000 }: WaitOptions = {}): Promise<void> {
    await removeGroup(this.#parts, deadline(timeoutMs, signal));
    this.#made = this.#options.paths !== undefined;
  }

  exists(): boolean {
    return this.#parts.some(({ group }) => group.exists());
  }

  paths(): Readonly<Record<string, string>> {
    return Object.fromEntries(this.#parts.flatMap(({ keys, group }) => keys.map((key) => [key, group.path])));
  }

  oomEvents({ signal }: { readonly signal?: AbortSignal | undefined } = {}): MergingQueue<OomEvent> {
    const v2 = this.#v2();
    const v1 = this.#memoryV1();
    if (v1) return this.#endingWith(v2, v1MemoryEvents(v1, 'memory.oom_control', '', signal));
    if (v2) return v2OomEvents(v2, signal);
    throw noMemory();
  }

  pressureEvents({ signal }: { readonly signal?: AbortSignal | undefined } = {}): MergingQueue<PressureEvent> {
    const v2 = this.#v2();
    const v1 = this.#memoryV1();
    if (v1) return this.#endingWith(v2, v1MemoryEvents(v1, 'memory.pressure_level', ' low', signal));
    if (v2) return v2PressureEvents(v2, signal);
    throw noMemory();
  }

  async empty({ signal, timeoutMs }: WaitOptions = {}): Promise<void> {
    const left = await untilEmpty(this.#parts, deadline(timeoutMs, signal));
    if (left.length > 0)
      throw new CgroupError('ERR_CGROUP_TIMEOUT', `${left.length} processes are left in ${this.#parts[0]?.group.path}`);
  }

  /** A hybrid host tells by its cgroup v2 when the last process of a v1 group ends. */
  #endingWith<T>(v2: Group | undefined, queue: MergingQueue<T>): MergingQueue<T> {
    if (!v2?.exists()) return queue;
    const watches: FileWatch[] = [];
    endWhenEmpty(v2, queue, watches, () => {});
    queue.onEnd(() => {
      for (const watch of watches) watch.close();
    });
    return queue;
  }

  #v2(): Group | undefined {
    return this.#parts.find(({ hierarchy }) => hierarchy.version === 2)?.group;
  }

  #memoryV1(): Group | undefined {
    return this.#parts.find(({ keys }) => keys.includes('memory'))?.group;
  }

  /** @returns whether the group was made now. */
  #make(): boolean {
    if (this.#made) return false;
    const { exclusive = false } = this.#options;
    const fresh = !this.exists();
    this.#parts = makeGroup({
      layout: this.#layout,
      parts: this.#parts,
      resources: this.#resources,
      rootless: this.#rootless,
      exclusive,
    });
    this.#made = true;
    return fresh;
  }

  async #takeBack(error: unknown): Promise<void> {
    try {
      await this.destroy({ timeoutMs: 500 });
    } catch (second) {
      throw new AggregateError([error, second], (error as Error).message);
    }
  }

  /** In a user namespace no device can be made, so rules about them would only be refused. */
  #allowed(resources: Resources): Resources {
    if (!this.#rootless) return resources;
    const { allowAllDevices: _, allowedDevices: _1, deniedDevices: _2, devices: _3, ...rest } = resources;
    return rest;
  }
}

function noMemory(): CgroupError {
  return new CgroupError('ERR_CGROUP_CONTROLLER', 'there is no path for "memory" in state', {
    hint: 'the group has no memory controller',
  });
}
