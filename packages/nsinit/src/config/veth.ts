import { randomBytes } from 'node:crypto';
import type { Config, Network } from '@nsinit/config';
import { UsageError } from '../cli/usage-error.ts';

/** Name of the interface inside the container. */
const NAME = 'eth0';

/** Number of random letters behind `veth` in the name of the host's end. */
const NAME_LETTERS = 7;

/** Adds an interface on a bridge of the host. */
export function addVeth(config: Config, bridge: string): Config {
  const hostInterfaceName = `veth${randomBytes(NAME_LETTERS).toString('hex').slice(0, NAME_LETTERS)}`;
  return { ...config, networks: [...(config.networks ?? []), { type: 'veth', name: NAME, bridge, hostInterfaceName }] };
}

/**
 * Changes the interface that {@link addVeth} made, or that the configuration has under the same name.
 *
 * @throws {UsageError} when there is none.
 */
export function changeVeth(config: Config, flag: string, fields: Partial<Network>): Config {
  const networks = config.networks ?? [];
  const found = networks.findLast(({ type, name }) => type === 'veth' && name === NAME);
  if (!found) throw new UsageError(`--${flag} needs --veth-bridge`, 'name the bridge of the host');
  return { ...config, networks: networks.map((network) => (network === found ? { ...network, ...fields } : network)) };
}
