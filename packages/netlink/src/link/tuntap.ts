import { AT_FDCWD, Fd, invoke, tryInvoke } from '@nsinit/syscall';
import { tunFlags } from '../constants/names.ts';
import { NetlinkError } from '../errors.ts';
import { checkIfname } from './validate.ts';

/** A tun (IP packets) or tap (Ethernet frames) link to be made; it stays until it is deleted. */
export interface TunTapSettings {
  readonly ifname: string;
  readonly mode: 'tun' | 'tap';
  /** The uid that may use it; anybody with CAP_NET_ADMIN when undefined. */
  readonly user?: number;
  /** The gid that may use it. */
  readonly group?: number;
  /** Whether a packet comes with four bytes of flags and protocol before it. */
  readonly pi?: boolean;
  /** Whether a packet comes with struct virtio_net_hdr before it. */
  readonly vnet_hdr?: boolean;
  readonly multi_queue?: boolean;
}

/** sizeof(struct ifreq): a name of 16 bytes, and a union of 24. */
const IFREQ = 40;

function tunRequest({ ifname, mode, pi, vnet_hdr, multi_queue }: TunTapSettings): Uint8Array {
  const bytes = new Uint8Array(IFREQ);
  bytes.set(Buffer.from(checkIfname(ifname)));
  const flags =
    (mode === 'tun' ? tunFlags.IFF_TUN : tunFlags.IFF_TAP) |
    (pi ? 0 : tunFlags.IFF_NO_PI) |
    (vnet_hdr ? tunFlags.IFF_VNET_HDR : 0) |
    (multi_queue ? tunFlags.IFF_MULTI_QUEUE : 0);
  new DataView(bytes.buffer).setUint16(16, flags, true);
  return bytes;
}

/**
 * Makes a persistent tun or tap link in the calling thread's namespace. They alone are not made by netlink, but by
 * /dev/net/tun: Documentation/networking/tuntap.rst.
 */
export function addTunTap(settings: TunTapSettings): void {
  const argp = tunRequest(settings);
  using tun = new Fd(invoke('openat', { dirfd: AT_FDCWD, pathname: '/dev/net/tun', flags: ['O_RDWR', 'O_CLOEXEC'] }));
  const made = tryInvoke('ioctl', { fd: tun, op: 'TUNSETIFF', argp });
  if (made < 0) throw new NetlinkError(`TUNSETIFF ${settings.ifname}`, -made);
  if (settings.user !== undefined) invoke('ioctl', { fd: tun, op: 'TUNSETOWNER', argp: settings.user });
  if (settings.group !== undefined) invoke('ioctl', { fd: tun, op: 'TUNSETGROUP', argp: settings.group });
  invoke('ioctl', { fd: tun, op: 'TUNSETPERSIST', argp: 1 });
}
