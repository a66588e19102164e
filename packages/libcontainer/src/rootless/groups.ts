import { readFileSync } from 'node:fs';
import { type Config, findNamespace } from '@nsinit/config';
import { mayChangeGroups } from '@nsinit/namespaces';
import { ContainerError } from '../errors.ts';
import type { ProcessUser } from '../program/user.ts';
import { isHostsUser, processOf } from './privileges.ts';

/** Whether the user namespace that a container is going to get has no setgroups(2). */
export function willKeepGroups({ namespaces, gidMappings = [] }: Config): boolean {
  const user = findNamespace(namespaces, 'NEWUSER');
  if (user === undefined) return isHostsUser() && keepsGroups(process.pid);
  if (!user.path) return !mayChangeGroups(gidMappings);
  const pid = processOf(user.path);
  return pid !== undefined && keepsGroups(pid);
}

/** Whether the user namespace of a running process has no setgroups(2). user_namespaces(7) */
export function keepsGroups(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/setgroups`, 'utf8').trim() === 'deny';
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // It has ended: the start says so.
    if (code === 'ENOENT' || code === 'ESRCH') return false;
    throw error;
  }
}

/**
 * A user whose groups are left as they are. Those of the container's /etc/group are its wish, those of the configuration are
 * its owner's.
 *
 * @throws {ContainerError} ConfigInvalid when the configuration asks for groups.
 */
export function withoutGroups(user: ProcessUser, { additionalGroups = [] }: Config): ProcessUser {
  if (additionalGroups.length > 0)
    throw new ContainerError(
      'ConfigInvalid',
      `additionalGroups: ${additionalGroups.join(', ')} cannot be taken: one group alone is mapped, by a user without privileges`,
      {
        field: 'additionalGroups',
        hint: 'leave them out, or have a range in /etc/subgid and the package uidmap installed',
      },
    );
  return { ...user, groups: [], keepsGroups: true };
}
