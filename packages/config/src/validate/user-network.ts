import { isIPv4 } from 'node:net';
import type { Namespace } from '../namespaces.ts';
import { type Network, USER_NETWORK_PROGRAMS } from '../network.ts';
import type { Checker } from './checker.ts';

const protocols = ['tcp', 'udp'] as const;

/** A network of the type user is made by a known program, in a namespace of the container's own. */
export function checkUserNetwork(
  place: string,
  { program, ports = [], dns, address, gateway }: Network,
  namespace: Namespace | undefined,
  checker: Checker,
): void {
  if (!namespace || namespace.path)
    checker.add(
      `${place}.type`,
      'a network of the type user needs a network namespace of its own (NEWNET without path)',
    );
  if (program) checker.oneOf(`${place}.program`, 'program', program, USER_NETWORK_PROGRAMS);
  const given = { address, gateway, dns };
  if (program === 'slirp4netns')
    for (const [key, value] of Object.entries(given))
      if (value)
        checker.add(
          `${place}.${key}`,
          'slirp4netns has addresses of its own (10.0.2.100, .2 and .3): leave it out, or take pasta',
        );
  if (dns && !isIPv4(dns)) checker.add(`${place}.dns`, `${JSON.stringify(dns)} is not an IPv4 address`);
  const taken = new Map<string, number>();
  ports.forEach(({ protocol = 'tcp', hostAddress = '', hostPort }, index) => {
    const port = `${place}.ports[${index}]`;
    checker.oneOf(`${port}.protocol`, 'protocol', protocol, protocols);
    if (hostAddress && !isIPv4(hostAddress))
      checker.add(`${port}.host_address`, `${JSON.stringify(hostAddress)} is not an IPv4 address`);
    const key = `${protocol} ${hostAddress} ${hostPort}`;
    const other = taken.get(key);
    if (other !== undefined) checker.add(`${port}.host_port`, `${hostPort} is that of ports[${other}] as well`);
    taken.set(key, index);
  });
}
