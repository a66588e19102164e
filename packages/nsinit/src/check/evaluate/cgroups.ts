import type { Facts } from '../facts.ts';
import { type Finding, findingsOf } from '../finding.ts';

/** Controllers that a container's limits and device rules need. freezer and devices are no controllers of version 2. */
const WANTED = ['cpu', 'cpuset', 'memory', 'pids', 'devices', 'freezer'] as const;

/** What the unified hierarchy can do without a controller: freeze by cgroup.freeze, devices by BPF programs. */
const BUILT_IN: ReadonlySet<string> = new Set(['devices', 'freezer']);

/** Controllers of the unified hierarchy by which limits are set. */
const LIMITING = ['cpu', 'cpuset', 'memory', 'pids'] as const;

/** What gives a user's manager, and all below it, more controllers. systemd.resource-control(5) */
export const delegateRemedy =
  'as root: systemctl edit user@.service, [Service] Delegate=cpu cpuset io memory pids, then log in again';

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

/** What controllers a container gets that names no place for its group: that is what this user may use. */
function delegation({ uid, ownCgroup, mounts }: Facts): readonly Finding[] {
  if (!ownCgroup) return [];
  const { path, writable, controllers } = ownCgroup;
  const user = uid === 0 ? 'root' : `user ${uid}`;
  if (!writable)
    return [
      limited(
        'delegation',
        `${user} may make no groups in ${path}: containers stay in the group of their starter, and those with limits do not start`,
        uid === 0
          ? 'mount control groups so that they can be written'
          : 'systemd-run --user --scope -p Delegate=yes nsinit ..., or have the group of this shell given to the user',
      ),
    ];
  // Those of version 1 are not here, and are not given by groups above.
  const alone = mounts.every(({ fsType }) => fsType !== 'cgroup');
  const absent = alone ? LIMITING.filter((name) => !controllers.includes(name)) : [];
  const may = `${user} may make groups in ${path}`;
  if (absent.length > 0)
    return [
      limited(
        'delegation',
        `${may}, but not with ${absent.join(', ')}`,
        uid === 0 ? `look into cgroup.subtree_control of the groups above ${path}` : delegateRemedy,
      ),
    ];
  return [ok('delegation', controllers.length > 0 ? `${may}, with ${controllers.join(', ')}` : may)];
}
