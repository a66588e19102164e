import { lines, ParseProblem } from '../text/parse.ts';

/** One line of /proc/PID/cgroup: where a process is in one hierarchy. */
export interface CgroupMembership {
  /** 0 for cgroup v2. */
  readonly hierarchyId: number;
  /** Controllers, `name=systemd` for a hierarchy without any; none for cgroup v2. */
  readonly controllers: readonly string[];
  /** From the hierarchy's root. It may hold colons; ` (deleted)` at its end for a group that is gone. */
  readonly path: string;
}

/**
 * The text of /proc/PID/cgroup, see cgroups(7).
 *
 * @throws {ParseProblem} for a line that is none.
 */
export function parseProcCgroup(text: string): readonly CgroupMembership[] {
  return lines(text).map((line) => {
    const match = /^(\d+):([^:]*):(\/.*)$/.exec(line);
    if (!match) throw new ParseProblem(`${JSON.stringify(line)} is not hierarchy:controllers:path`);
    const [, id, controllers, path] = match as unknown as readonly [string, string, string, string];
    return {
      hierarchyId: Number(id),
      controllers: controllers === '' ? [] : controllers.split(','),
      path,
    };
  });
}

/** The path in the hierarchy of one controller (`''`: cgroup v2); undefined when there is none. */
export function membershipPath(memberships: readonly CgroupMembership[], controller: string): string | undefined {
  return memberships.find(({ hierarchyId, controllers }) =>
    controller === '' ? hierarchyId === 0 && controllers.length === 0 : controllers.includes(controller),
  )?.path;
}
