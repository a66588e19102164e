import { AT_FDCWD, type ConstantName, Fd, type FdNumber, invoke, type ProgramBuilder } from '@nsinit/syscall';
import { joinOrder, type NamespaceKind, namespaceKinds } from '../kinds.ts';
import type { DescriptorSource } from './plan.ts';

/** A namespace to join, by a path such as `/proc/1234/ns/net` or `/run/netns/blue`. */
export interface NamespaceJoin {
  readonly kind: NamespaceKind;
  /** A file of nsfs. */
  readonly path: string;
  /** The configuration field that asks for it, for messages. */
  readonly field?: string;
}

/**
 * Opens a namespace file.
 *
 * @throws {SyscallError} when the path does not exist or may not be opened.
 */
export function openNamespace(path: string): Fd {
  return new Fd(invoke('openat', { dirfd: AT_FDCWD, pathname: path, flags: ['O_RDONLY', 'O_CLOEXEC'] }));
}

/**
 * Joins namespaces before the new process is created, so that it is born in them: the only way for pid and time.
 *
 * A user namespace comes last: what belongs to the host can only be joined before it, and what it owns itself is tried
 * again after it (two stages). The kernel checks that each file is of the kind that the configuration says.
 */
export function compileJoins(
  b: ProgramBuilder,
  joins: readonly NamespaceJoin[],
  descriptor: (source: DescriptorSource) => FdNumber,
): void {
  const sorted = [...joins].sort((a, z) => joinOrder.indexOf(a.kind) - joinOrder.indexOf(z.kind));
  const user = sorted.find((join) => join.kind === 'NEWUSER');
  const others = sorted.filter((join) => join.kind !== 'NEWUSER');
  const open = (join: NamespaceJoin): FdNumber =>
    descriptor({ name: namespaceKinds[join.kind].file, open: () => openNamespace(join.path) });
  const flagOf = (join: NamespaceJoin): readonly ConstantName<'clone'>[] => [namespaceKinds[join.kind].flag];
  const reason = (join: NamespaceJoin) => ({
    what: `join the namespace ${join.path}`,
    field: join.field ?? 'namespaces',
  });

  if (!user) {
    for (const join of others) b.call('setns', { fd: open(join), nstype: flagOf(join) }, reason(join));
    return;
  }
  const again = others.map((join) => {
    const fd = open(join);
    const refused = b.variable(`${join.kind} refused`);
    const later = b.label(`${join.kind} later`);
    const done = b.label(`${join.kind} done`);
    b.because(reason(join), () => {
      b.call('setns', { fd, nstype: flagOf(join) }, { on: { EPERM: later }, next: done });
      b.place(later);
      b.assign(refused, 1);
      b.place(done);
    });
    return { join, fd, refused };
  });
  b.call('setns', { fd: open(user), nstype: flagOf(user) }, reason(user));
  for (const { join, fd, refused } of again) {
    const done = b.label(`${join.kind} joined`);
    b.because(reason(join), () => {
      b.branch(refused, '==', 0, done);
      b.call('setns', { fd, nstype: flagOf(join) });
      b.place(done);
    });
  }
}
