import type { SubordinateRange } from '@nsinit/namespaces';
import type { Facts, ProgramFact } from '../facts.ts';
import { type Finding, findingsOf } from '../finding.ts';

/** Ids that a usual root file system needs: those up to nobody and beyond. subuid(5) */
const USUAL_RANGE = 65_536;

const { ok, limited, missing } = findingsOf('unprivileged users');

/** What users other than root need for containers of their own. Root needs none of it. */
export function evaluateUsers(facts: Facts): readonly Finding[] {
  return [
    userNamespaces(facts),
    helper('newuidmap', facts.newuidmap, facts),
    helper('newgidmap', facts.newgidmap, facts),
    range('subuid', facts.subuids, facts.uid),
    range('subgid', facts.subgids, facts.uid),
    userNetworks(facts),
    stateRoot(facts),
  ];
}

function userNamespaces({ sysctls }: Facts): Finding {
  const name = 'user namespaces';
  if (sysctls['user.max_user_namespaces'] === '0')
    return missing(name, 'user.max_user_namespaces is 0', 'sysctl -w user.max_user_namespaces=16384');
  if (sysctls['kernel.unprivileged_userns_clone'] === '0')
    return limited(
      name,
      'for root alone: kernel.unprivileged_userns_clone is 0',
      'sysctl -w kernel.unprivileged_userns_clone=1',
    );
  if (sysctls['kernel.apparmor_restrict_unprivileged_userns'] === '1')
    return limited(
      name,
      'those of other users have no capabilities: kernel.apparmor_restrict_unprivileged_userns is 1',
      'sysctl -w kernel.apparmor_restrict_unprivileged_userns=0, or an AppArmor profile with "userns" for nsinit',
    );
  return ok(name, 'every user may make them');
}

function helper(
  name: string,
  program: ProgramFact | undefined,
  { uid, userName, noNewPrivileges }: Pick<Facts, 'uid' | 'userName' | 'noNewPrivileges'>,
): Finding {
  if (!program)
    return limited(name, 'not found: users other than root can map one id only', 'install the package uidmap');
  if (uid !== 0 && (program.setuid || program.fileCapabilities)) {
    if (noNewPrivileges)
      return limited(
        name,
        `${program.path} gets no privilege from this process, which has no_new_privs`,
        'start without it: NoNewPrivileges= of systemd, --no-new-privs of setpriv',
      );
    if (userName === undefined)
      return limited(name, `user ${uid} has no entry in /etc/passwd, which it asks for`, `useradd --uid ${uid} NAME`);
  }
  if (program.setuid) return ok(name, `${program.path}, set-user-id root`);
  if (program.fileCapabilities) return ok(name, `${program.path}, with file capabilities`);
  return limited(name, `${program.path} has neither the set-user-id bit nor capabilities`, `chmod u+s ${program.path}`);
}

function userNetworks({ pasta, slirp4netns, tunDevice }: Facts): Finding {
  const name = 'user networks';
  const found = [pasta, slirp4netns].flatMap((program) => program?.path ?? []);
  if (found.length === 0)
    return limited(
      name,
      'neither pasta nor slirp4netns found: their containers have the loopback interface alone',
      'install the package passt or slirp4netns',
    );
  if (tunDevice === undefined) return limited(name, 'there is no /dev/net/tun, which they need', 'modprobe tun');
  if (!tunDevice) return limited(name, 'this user may not open /dev/net/tun', 'chmod 0666 /dev/net/tun');
  return ok(name, found.join(', '));
}

function stateRoot({ stateRoot: root }: Facts): Finding {
  if (typeof root === 'string') return ok('state', root);
  return missing('state', root.message, 'set XDG_RUNTIME_DIR to a directory of this user, or use --root');
}

function range(name: string, ranges: readonly SubordinateRange[], uid: number): Finding {
  const count = ranges.reduce((sum, own) => sum + own.count, 0);
  const text = ranges.map(({ first, count: size }) => `${first} to ${first + size - 1}`).join(', ');
  if (count >= USUAL_RANGE) return ok(name, text);
  const detail = count === 0 ? `user ${uid} has no range in /etc/${name}` : `${text} is less than ${USUAL_RANGE} ids`;
  if (uid === 0) return ok(name, `${detail}; root needs none`);
  const flag = name === 'subuid' ? '--add-subuids' : '--add-subgids';
  return limited(name, detail, `usermod ${flag} 100000-165535 USER`);
}
