import { errnoOf } from '../error.ts';
import { Group } from '../fs/group.ts';

function words(text: string | undefined): readonly string[] {
  return (text ?? '').split(/\s+/).filter(Boolean);
}

/**
 * Lets the groups below a directory have controllers: cgroup.subtree_control, as far as cgroup.controllers offers them.
 * All at once where it can be, since every write moves processes.
 *
 * @param needed - without one of these it is an error; the others are left out where the kernel refuses them.
 * @returns the controllers switched on now.
 * @throws {CgroupError} ERR_CGROUP_IO
 */
export function enableControllers(
  directory: string,
  wanted: readonly string[],
  needed: ReadonlySet<string>,
): readonly string[] {
  const group = new Group(directory);
  const enabled = words(group.tryRead('cgroup.subtree_control'));
  const offered = words(group.tryRead('cgroup.controllers'));
  const missing = wanted.filter((name) => !enabled.includes(name) && offered.includes(name));
  if (missing.length === 0) return [];
  if (write(group, missing, false)) return missing;
  // What must be goes first: the others could be switched on where that cannot.
  const sorted = [...missing.filter((name) => needed.has(name)), ...missing.filter((name) => !needed.has(name))];
  return sorted.filter((name) => write(group, [name], needed.has(name)));
}

function write(group: Group, names: readonly string[], must: boolean): boolean {
  try {
    group.write('cgroup.subtree_control', names.map((name) => `+${name}`).join(' '), must ? names.join() : undefined);
    return true;
  } catch (error) {
    if (must || errnoOf(error) === undefined) throw error;
    return false;
  }
}
