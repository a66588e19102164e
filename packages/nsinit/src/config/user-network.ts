import type { Config, Network, PortForward } from '@nsinit/config';
import { UsageError } from '../cli/usage-error.ts';

/** Adds an interface whose packets a program of the host passes on. @param program `any`: whichever is installed. */
export function addUserNetwork(config: Config, program: string): Config {
  const network = { type: 'user', ...(program === 'any' ? {} : { program }) };
  return { ...config, networks: [...(config.networks ?? []), network] };
}

/**
 * Changes the network that {@link addUserNetwork} made, or that the configuration has.
 *
 * @throws {UsageError} when there is none.
 */
export function changeUserNetwork(config: Config, flag: string, fields: Partial<Network>): Config {
  const networks = config.networks ?? [];
  const found = networks.find(({ type }) => type === 'user');
  if (!found) throw new UsageError(`--${flag} needs --user-net`, 'write --user-net=any');
  return { ...config, networks: networks.map((network) => (network === found ? { ...network, ...fields } : network)) };
}

/** Adds ports to those of the network. */
export function publishPorts(config: Config, texts: readonly string[]): Config {
  const ports = config.networks?.find(({ type }) => type === 'user')?.ports ?? [];
  return changeUserNetwork(config, 'publish', { ports: [...ports, ...texts.map(portForward)] });
}

/** The port of `--publish [ADDRESS:]PORT:PORT[/udp]`. */
function portForward(text: string): PortForward {
  const found = /^(?:(?<address>[^:/]+):)?(?<host>\d+):(?<container>\d+)(?:\/(?<protocol>tcp|udp))?$/.exec(
    text,
  )?.groups;
  const isPort = (value: string | undefined) => Number(value) >= 1 && Number(value) <= 65_535;
  if (!found || !isPort(found['host']) || !isPort(found['container']))
    throw new UsageError(
      `invalid port ${text}`,
      'write HOST:CONTAINER, as 8080:80, ADDRESS:HOST:CONTAINER, or one with /udp behind it',
    );
  const { address, host, container, protocol } = found;
  return {
    ...(protocol ? { protocol } : {}),
    ...(address ? { hostAddress: address } : {}),
    hostPort: Number(host),
    containerPort: Number(container),
  };
}
