import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import type { Network } from '@nsinit/config';

/** Longest name of an interface, IFNAMSIZ less the NUL. */
const longestName = 15;

/** What an interface of a container is called inside when its configuration does not say. */
const defaultName = 'eth0';

/** How much of an id the alias shows: an alias has at most 255 bytes. */
const shownId = 64;

/** Ids are unique in one root only; the directory of a container's state is unique on the host. */
function digest(owner: string): string {
  return createHash('sha256').update(owner).digest('hex');
}

const shown = (owner: string): string => `${basename(owner).slice(0, shownId)} ${digest(owner).slice(0, 32)}`;

/**
 * Says on an interface that was made for a container whose it is, so that one that was left behind can be found.
 * ip-link(8), alias
 *
 * @param owner directory of the container's state.
 */
export function aliasOf(owner: string): string {
  return `nsinit container ${shown(owner)}`;
}

/** Says on an interface of the host which container has it, and by which of its networks. */
export function borrowedAliasOf(owner: string, index: number): string {
  return `nsinit borrowed by container ${shown(owner)} networks[${index}]`;
}

/** Says on a bridge that it goes with its last port. */
export function bridgeAlias(bridge: string): string {
  return `nsinit bridge ${bridge}`;
}

/** The name inside the container. */
export function nameOf({ name, type, link }: Network): string {
  return name || (type === 'phys' && link ? link : defaultName);
}

/**
 * The name on the host: of a veth's other end the configured one, or one made from the container and the interface's
 * place; other kinds have it while they are on their way.
 *
 * @param owner directory of the container's state; undefined: it is not known yet, and the name is a sample.
 */
export function hostNameOf({ type, hostInterfaceName }: Network, owner: string | undefined, index: number): string {
  if (hostInterfaceName) return hostInterfaceName;
  const rest = owner === undefined ? 'X'.repeat(longestName) : digest(`${owner}/${index}`);
  return `${type === 'veth' ? 'veth' : 'moved'}${rest}`.slice(0, longestName);
}
