import { CgroupError, errnoOf } from '../error.ts';
import { removeDirectory } from '../fs/tree.ts';
import type { Layout } from '../layout/layout.ts';
import { checkControllers, type Need, neededControllers, v2Name } from '../needed.ts';
import type { Part } from '../part.ts';
import type { Resources } from '../resources.ts';
import { parseFlatKeyed } from '../text/parse.ts';
import { v1FreezerState } from '../v1/freezer.ts';
import { v2FreezerState } from '../v2/freezer.ts';
import { unifiedControllers } from '../v2/unified.ts';
import { pidsOf } from './procs.ts';

/** What a group is made with. */
export interface MakeOptions {
  readonly layout: Layout;
  readonly parts: readonly Part[];
  readonly resources: Resources;
  readonly rootless: boolean;
  readonly exclusive: boolean;
}

/**
 * Makes a group with its limits. A failure leaves nothing behind.
 *
 * @returns the parts that were made: without privilege those may be fewer, or none.
 * @throws {CgroupError} naming field, file and remedy.
 */
export function makeGroup({ layout, parts, resources, rootless, exclusive }: MakeOptions): readonly Part[] {
  checkControllers(layout, resources);
  if (exclusive) for (const part of parts) refuseUsed(part);
  const made: string[] = [];
  try {
    const kept = parts.filter((part) => makePart(part, made, resources, rootless));
    setLimits(kept, resources, {});
    for (const part of kept) part.verify(resources);
    return kept;
  } catch (error) {
    for (const directory of made.toReversed()) removeDirectory(directory);
    throw error;
  }
}

/** The controllers that resources need, by the names of both versions. */
export function neededNames(resources: Resources): ReadonlySet<string> {
  const needs = neededControllers(resources).map(({ controller }) => controller);
  return new Set([...needs, ...needs.map(v2Name), ...unifiedControllers(resources)]);
}

const denied: ReadonlySet<string> = new Set(['EACCES', 'EPERM', 'EROFS']);

const noRight =
  'use the systemd driver in a session of this user, or run inside "systemd-run --user --scope -p Delegate=yes", or leave the limits out';

const notDelegated =
  'the controller is not delegated to this user: as root put "[Service] Delegate=cpu cpuset io memory pids" into /etc/systemd/system/user@.service.d/delegate.conf, and log in again; or leave the limit out';

/** Without privilege a hierarchy that no limit needs is left alone. */
function makePart(part: Part, made: string[], resources: Resources, rootless: boolean): boolean {
  const before = made.length;
  try {
    part.make(made, neededNames(resources));
    return true;
  } catch (error) {
    const errno = errnoOf(error);
    if (!rootless || !denied.has(errno ?? '')) throw error;
    const need = needOf(part, resources);
    if (need)
      throw new CgroupError(
        'ERR_CGROUP_IO',
        `no right to limit ${need.controller}: ${attempt(error, part)}: ${errno}`,
        {
          field: need.field,
          file: need.file,
          path: part.group.path,
          errno,
          cause: error,
          hint: (error as CgroupError).file === 'cgroup.subtree_control' ? notDelegated : noRight,
        },
      );
    for (const directory of made.splice(before).toReversed()) removeDirectory(directory);
    return false;
  }
}

/** What was tried: a cause's own message has a field and a remedy of its own. */
function attempt(error: unknown, { group }: Part): string {
  const { path = group.path, file, data } = error as Partial<CgroupError>;
  return file === undefined ? `make ${path}` : `write ${data} to ${path}/${file}`;
}

/** What a limit needs of a hierarchy. */
function needOf({ hierarchy }: Part, resources: Resources): Need | undefined {
  const needs = neededControllers(resources);
  const [file] = Object.keys(resources.unified ?? {});
  if (hierarchy.version === 1) return needs.find(({ controller }) => hierarchy.controllers.includes(controller));
  if (needs[0] || file === undefined) return needs[0];
  return { controller: file.slice(0, Math.max(0, file.indexOf('.'))), field: `unified["${file}"]`, file };
}

/**
 * Writes limits to all parts; when one refuses, the others get their old ones back.
 *
 * @returns what takes all of it back.
 */
export function setLimits(parts: readonly Part[], resources: Resources, previous: Resources): () => void {
  const undone: (() => void)[] = [];
  const undo = () => {
    for (const step of undone.splice(0).toReversed()) step();
  };
  try {
    for (const part of parts) undone.push(part.set(resources, previous));
    return undo;
  } catch (error) {
    undo();
    throw error;
  }
}

/** A group that others use is not ours to limit; a frozen one would never start anything. */
function refuseUsed({ group, hierarchy }: Part): void {
  if (!group.exists()) return;
  const details = { path: group.path, hint: 'give the container another name, or remove the group first' };
  const frozen = hierarchy.version === 2 ? v2FreezerState(group) : v1FreezerState(group);
  if (frozen !== undefined && frozen !== 'THAWED')
    throw new CgroupError('ERR_CGROUP_BUSY', `the group ${group.path} exists and is frozen`, details);
  const populated = group.tryValue('cgroup.events', parseFlatKeyed)?.['populated'] === 1n;
  if (populated || pidsOf(group).length > 0)
    throw new CgroupError('ERR_CGROUP_BUSY', `the group ${group.path} exists and has processes`, details);
}
