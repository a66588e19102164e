import { allPids, childrenOf, lives, procLink } from './state/proc.ts';

/**
 * The processes of a container, as ids of our pid namespace: all members of its pid namespace when it has one of its
 * own, else init and its descendants.
 */
export function processesOf(init: number): readonly number[] {
  const namespace = procLink(init, 'ns/pid');
  if (namespace === undefined) return [];
  // One that has ended is a member until it is waited for.
  const isMember = (pid: number) => procLink(pid, 'ns/pid') === namespace && lives(pid);
  if (hasOwnPidNamespace(init)) return allPids().filter(isMember);
  const found = [init];
  for (const pid of found) found.push(...childrenOf(pid));
  return found;
}

/** Whether a process is in another pid namespace than we are. */
export function hasOwnPidNamespace(init: number): boolean {
  const namespace = procLink(init, 'ns/pid');
  return namespace !== undefined && namespace !== procLink('self', 'ns/pid');
}
