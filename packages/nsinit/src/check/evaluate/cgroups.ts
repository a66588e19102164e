import type { Facts } from '../facts.ts';
import { type Finding, findingsOf } from '../finding.ts';

/** Controllers that a container's limits and device rules need. freezer and devices are no controllers of version 2. */
const WANTED = ['cpu', 'cpuset', 'memory', 'pids', 'devices', 'freezer'] as const;

/** What the unified hierarchy can do without a controller: freeze by cgroup.freeze, devices by BPF programs. */
const BUILT_IN: ReadonlySet<string> = new Set(['devices', 'freezer']);

const { ok, limited, missing } = findingsOf('cgroups');

/** Which version of control groups is mounted where, and the controllers that containers use. */
export function evaluateCgroups(facts: Facts): readonly Finding[] {
  const unified = facts.mounts.find(({ fsType }) => fsType === 'cgroup2');
  const legacy = facts.mounts.filter(({ fsType }) => fsType === 'cgroup');
  if (!unified && legacy.length === 0) {
    return [
      missing(
        'layout',
        'no control groups are mounted: containers can have no limits',
        'mount -t cgroup2 none /sys/fs/cgroup',
      ),
    ];
  }
  const legacyControllers = new Map(
    legacy.flatMap(({ superOptions, mountPoint }) => superOptions.map((name) => [name, mountPoint] as const)),
  );
  const layout = unified ? (legacy.length > 0 ? 'hybrid (v1 and v2)' : 'v2') : 'v1';
  const places = [unified, legacy[0]].flatMap((entry) => (entry ? [entry.mountPoint] : []));
  const controllers = WANTED.map((name) => {
    const place = legacyControllers.get(name);
    if (place !== undefined) return ok(name, `v1 at ${place}`);
    if (unified && facts.unifiedControllers?.includes(name)) return ok(name, `v2 at ${unified.mountPoint}`);
    if (unified && BUILT_IN.has(name)) return ok(name, `v2 at ${unified.mountPoint}, without a controller`);
    return limited(
      name,
      'no hierarchy has this controller',
      `look for cgroup_disable=${name} on the kernel's command line, and for the controller in /proc/cgroups`,
    );
  });
  return [ok('layout', `${layout}, ${places.join(' and ')}`), ...controllers, ...delegation(facts)];
}

/** Whether a user other than root can have groups. */
function delegation({ uid, ownCgroup }: Facts): readonly Finding[] {
  if (uid === 0) return [];
  if (ownCgroup?.writable) return [ok('delegation', `user ${uid} may make groups below ${ownCgroup.path}`)];
  return [
    limited(
      'delegation',
      `user ${uid} may make no groups here: containers stay in the group of their starter, and those with limits do not start`,
      'systemd-run --user --scope -p Delegate=yes nsinit ..., or have the group of this shell given to the user',
    ),
  ];
}
