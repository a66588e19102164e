import type { Facts } from '../facts.ts';
import { type Finding, findingsOf } from '../finding.ts';
import { delegateRemedy } from './cgroups.ts';

/** The first version that has properties for CPU sets, and for all of cgroup v2 that is used. */
const WANTED_VERSION = 244;

/** What a user's manager needs for the limits of a container. */
const WANTED = ['cpu', 'cpuset', 'memory', 'pids'] as const;

const { ok, limited, missing } = findingsOf('systemd');

/** Whether systemd can keep control groups, as `--systemd` asks for. */
export function evaluateSystemd({ systemd, uid }: Facts): readonly Finding[] {
  if (!systemd)
    return [
      limited(
        'manager',
        'systemd is not the first process here: control groups are kept by their files, and --systemd cannot be used',
      ),
    ];
  const { version, bus, userControllers } = systemd;
  return [
    versionFinding(version),
    bus === 'ok'
      ? ok('bus', uid === 0 ? 'systemd answers on the system bus' : `the manager of user ${uid} answers on its bus`)
      : missing('bus', `--systemd cannot be used: ${bus.message}`, busRemedy(uid)),
    ...(uid === 0 ? [] : [userManager(uid, userControllers)]),
  ];
}

function versionFinding(version: number | undefined): Finding {
  if (version === undefined) return limited('manager', 'systemd runs, and does not say which version it is');
  if (version >= WANTED_VERSION) return ok('manager', `systemd ${version}`);
  return limited(
    'manager',
    `systemd ${version} knows no AllowedCPUs: it forgets CPU sets when it reloads`,
    `update it to ${WANTED_VERSION} or newer`,
  );
}

function busRemedy(uid: number): string {
  return uid === 0
    ? 'install dbus and start it: systemctl start dbus.socket'
    : `install dbus-user-session, loginctl enable-linger ${uid}, and set XDG_RUNTIME_DIR=/run/user/${uid}`;
}

function userManager(uid: number, controllers: readonly string[] | undefined): Finding {
  const name = 'delegation';
  if (!controllers)
    return limited(
      name,
      `user ${uid} has no manager of its own with a group of cgroup v2`,
      `loginctl enable-linger ${uid}`,
    );
  const absent = WANTED.filter((controller) => !controllers.includes(controller));
  const has = `user@${uid}.service has ${controllers.join(', ') || 'no controllers'}`;
  return absent.length === 0 ? ok(name, has) : limited(name, `${has}, but not ${absent.join(', ')}`, delegateRemedy);
}
