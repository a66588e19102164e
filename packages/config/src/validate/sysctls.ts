import { memberPath } from '../codec/path.ts';
import type { Config } from '../config.ts';
import { containsNamespace, type NamespaceType } from '../namespaces.ts';
import { sysctlPath } from '../sysctl.ts';
import type { Checker } from './checker.ts';

/** The namespace to which a value belongs. Every other value is one of the whole machine. */
const OWNERS: readonly (readonly [RegExp, NamespaceType])[] = [
  [/^net\//, 'NEWNET'],
  [/^kernel\/(msg\w*|shm\w*|sem|sem_next_id|auto_msgmni)$|^fs\/mqueue\//, 'NEWIPC'],
  [/^kernel\/(hostname|domainname)$/, 'NEWUTS'],
  // pid_max is one of the namespace since kernel 6.14.
  [/^kernel\/(ns_last_pid|pid_max)$/, 'NEWPID'],
  [/^user\//, 'NEWUSER'],
];

/** Names stay below /proc/sys, and are values of a namespace that the container does not share with the host. */
export function checkSysctls({ systemProperties, namespaces }: Config, checker: Checker): void {
  for (const key of Object.keys(systemProperties ?? {})) {
    const place = memberPath('system_properties', key);
    const path = sysctlPath(key);
    if (path === undefined) {
      checker.add(place, `invalid system property ${JSON.stringify(key)}: the name leads out of /proc/sys`);
      continue;
    }
    const owner = OWNERS.find(([pattern]) => pattern.test(path))?.[1];
    if (owner === undefined) {
      checker.add(place, `${key} belongs to no namespace: setting it would change the host`);
    } else if (!containsNamespace(namespaces, owner)) {
      checker.add(place, `${key} would change the host: it needs a namespace of type ${owner}`);
    }
  }
}
