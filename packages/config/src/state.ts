import { Report } from './codec/codec.ts';
import { list, record } from './codec/collections.ts';
import { defaulted, type Fields, object, optional, required } from './codec/object.ts';
import { choice, integer, string, text } from './codec/scalars.ts';
import type { Config } from './config.ts';
import { configTable } from './container-json/config-table.ts';
import { ConfigError } from './error.ts';
import { parseJson } from './json/parse.ts';
import { stringifyJson } from './json/stringify.ts';

/** Who keeps a container's control group: the files alone, or systemd. */
export const CGROUP_DRIVERS = ['cgroupfs', 'systemd'] as const;

/** One of {@link CGROUP_DRIVERS}. */
export type CgroupDriver = (typeof CGROUP_DRIVERS)[number];

/** What state.json says about a container. */
export interface State {
  /** Id of the container. */
  readonly id: string;
  /** Pid of init, in the pid namespace of the process that wrote the file. */
  readonly initProcessPid: number;
  /** Start time of init in clock ticks after boot, field 22 of /proc/pid/stat: tells a reused pid. */
  readonly initProcessStart: string;
  /** Directory of the container's control group, by controller. */
  readonly cgroupPaths: Readonly<Record<string, string>>;
  /** Who keeps the control group; undefined: the files alone. */
  readonly cgroupDriver?: CgroupDriver;
  /** Files of the namespaces, by type (`NEWNET`). */
  readonly namespacePaths: Readonly<Record<string, string>>;
  /** Configuration with which the container was created. */
  readonly config: Config;
  /** Targets of init's descriptors 0 to 2 (`pipe:[123]`), for a checkpoint. */
  readonly externalDescriptors?: readonly string[];
  /** Time of creation, ISO 8601 in UTC. */
  readonly created?: string;
  /** User id that created the container. */
  readonly owner?: number;
  /** Pid of the process that waits for init. */
  readonly supervisorPid?: number;
  /** Directory from which the container was started. */
  readonly bundle?: string;
}

const stateFields: Fields<State> = {
  id: required(text, 'Id of the container.'),
  initProcessPid: required(integer({ min: 0, max: 0x7fff_ffff }), 'Pid of init.'),
  initProcessStart: defaulted(string, '', 'Start time of init in clock ticks after boot.'),
  cgroupPaths: defaulted(record(string), {}, 'Directories of the control group, by controller.'),
  cgroupDriver: optional(choice(CGROUP_DRIVERS), 'Who keeps the control group; left out: the files alone.'),
  namespacePaths: defaulted(record(string), {}, 'Files of the namespaces, by type.'),
  config: required(configTable, 'Configuration of the container.'),
  externalDescriptors: optional(list(string), "Targets of init's descriptors 0 to 2."),
  created: optional(text, 'Time of creation.'),
  owner: optional(integer({ min: 0, max: 0xffff_ffff }), 'User id that created the container.'),
  supervisorPid: optional(integer({ min: 0, max: 0x7fff_ffff }), 'Pid of the process that waits for init.'),
  bundle: optional(text, 'Directory from which the container was started.'),
};

const stateTable = object('State', stateFields);

/**
 * Reads a state.json, also one that the original libcontainer wrote.
 *
 * @throws ConfigError with path, line and column of everything that is wrong.
 */
export function decodeState(content: string): State {
  const root = parseJson(content);
  const report = new Report(content);
  const state = stateTable.decode(root, '', report);
  if (state?.config?.rootfs === '') report.add(root, 'config.rootfs', 'a value is required');
  if (state === undefined || report.problems.length > 0) throw new ConfigError(report.problems);
  return state;
}

/**
 * The text of a state.json, which {@link decodeState} reads back to an equal state.
 *
 * @param indent text of one level of indentation; undefined: everything on one line.
 * @throws RangeError for an integer beyond 2^53 that is not a bigint.
 */
export function encodeState(state: State, indent?: string): string {
  return stringifyJson(stateTable.encode(state), indent);
}
