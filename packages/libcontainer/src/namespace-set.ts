import type { Config } from '@nsinit/config';
import { NAMESPACE_TYPES, namespacePath } from '@nsinit/config';
import { type NamespaceKind, namespaceKinds } from '@nsinit/namespaces';
import { procLink } from './state/proc.ts';

/** The kinds of namespaces in which another process is not with us: those that one has to join to be beside it. */
export function foreignNamespaces(pid: number): readonly NamespaceKind[] {
  const kinds = Object.keys(namespaceKinds) as NamespaceKind[];
  return kinds.filter((kind) => {
    const file = `ns/${namespaceKinds[kind].file}`;
    const theirs = procLink(pid, file);
    return theirs !== undefined && theirs !== procLink('self', file);
  });
}

/** The files that name the namespaces of a container, of every kind, as its state shows them. */
export function namespacePaths(config: Config, pid: number): Readonly<Record<string, string>> {
  return Object.fromEntries(
    NAMESPACE_TYPES.map((type) => [
      type,
      namespacePath(config.namespaces?.find((namespace) => namespace.type === type) ?? { type }, pid),
    ]),
  );
}
