import type { Link, Netlink } from '@nsinit/netlink';
import { ContainerError } from '../errors.ts';

/** An interface of the host that a configuration names. @throws {ContainerError} when there is none. */
export function checkLink(link: string, host: Netlink): Link {
  const found = host.links.find(link);
  if (found) return found;
  throw new ContainerError('SystemError', `there is no interface ${link} on this host`, {
    errno: 'ENODEV',
    hint: `these are there: ${host.links
      .list()
      .map(({ ifname }) => ifname)
      .join(', ')}`,
  });
}
