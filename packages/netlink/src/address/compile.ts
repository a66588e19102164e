import { addressFlags as IFA_F } from '../constants/names.ts';
import { inField, NetlinkInputError } from '../errors.ts';
import { type AddressMessage, addressMessage } from '../messages/address.ts';
import { addressFlagNames } from '../messages/names.ts';
import type { Device, LinkNames } from '../session.ts';
import type { Request } from '../socket/request.ts';
import { bitsOfFamily, familyOf, formatIp, parseIp } from '../text/ip.ts';
import { type Prefix, parsePrefix } from '../text/prefix.ts';
import { withUnknown } from '../unknown.ts';
import { bitsOf, flagsOf } from '../wire/names.ts';
import { type Address, type AddressFlags, type AddressSettings, FOREVER } from './address.ts';

/** Flags that a request may set; the kernel's own are read only. */
const settable = {
  nodad: IFA_F.IFA_F_NODAD,
  optimistic: IFA_F.IFA_F_OPTIMISTIC,
  home: IFA_F.IFA_F_HOMEADDRESS,
  mngtmpaddr: IFA_F.IFA_F_MANAGETEMPADDR,
  noprefixroute: IFA_F.IFA_F_NOPREFIXROUTE,
  autojoin: IFA_F.IFA_F_MCAUTOJOIN,
} as const;

function localPrefix({ local, prefixlen }: AddressSettings): Prefix {
  const prefix = parsePrefix(local, 'local');
  if (!/[:.]/.test(local)) throw new NetlinkInputError('local', `${JSON.stringify(local)} is not an IP address`);
  if (prefixlen === undefined || local.includes('/')) return prefix;
  const most = bitsOfFamily(prefix.family);
  if (!Number.isInteger(prefixlen) || prefixlen < 0 || prefixlen > most)
    throw new NetlinkInputError('prefixlen', `${prefixlen} is not 0 to ${most}`);
  return { ...prefix, length: prefixlen };
}

function sameFamily(value: string, field: string, prefix: Prefix): string {
  if (familyOf(parseIp(value, field)) !== prefix.family)
    throw new NetlinkInputError(field, `${value} is not of the family of ${prefix.address}`);
  return value;
}

function broadcastOf(value: string, prefix: Prefix): string {
  if (prefix.family !== 'inet') throw new NetlinkInputError('broadcast', 'IPv6 has no broadcast addresses');
  if (value !== '+') return sameFamily(value, 'broadcast', prefix);
  const bytes = parseIp(prefix.address);
  const hostBits = 32 - prefix.length;
  const host = hostBits === 32 ? 0xffff_ffff : 2 ** hostBits - 1;
  return formatIp(bytes.map((byte, i) => byte | ((host >>> (24 - i * 8)) & 0xff)));
}

function flagAttribute(settings: AddressFlags): Pick<AddressMessage['attributes'], 'flags'> {
  let bits = 0;
  for (const [name, bit] of Object.entries(settable)) if (settings[name as keyof typeof settable]) bits |= bit;
  return bits === 0 ? {} : { flags: flagsOf(addressFlagNames, bits) };
}

/** RTM_NEWADDR, RTM_DELADDR. */
export function compileAddress(
  type: number,
  flags: number,
  settings: AddressSettings,
  resolve: (dev: Device) => number,
): Request {
  const prefix = localPrefix(settings);
  const { address: peer, broadcast, label, metric, protocol, valid_life_time, preferred_life_time } = settings;
  const index = inField('dev', () => resolve(settings.dev));
  const scope = settings.scope ?? (prefix.family === 'inet' && prefix.address.startsWith('127.') ? 'host' : 'global');
  const limited = valid_life_time !== undefined || preferred_life_time !== undefined;
  const valid = valid_life_time ?? FOREVER;
  const payload = addressMessage.encode(
    { family: prefix.family, prefixlen: prefix.length, scope, index },
    {
      local: prefix.address,
      address: peer === undefined ? prefix.address : sameFamily(peer, 'address', prefix),
      ...(broadcast !== undefined && { broadcast: broadcastOf(broadcast, prefix) }),
      ...(label !== undefined && { label }),
      ...flagAttribute(settings),
      ...(metric !== undefined && { metric }),
      ...(protocol !== undefined && { protocol }),
      ...(limited && { cacheinfo: { valid, preferred: preferred_life_time ?? valid, created: 0, updated: 0 } }),
    },
  );
  const subject = `${prefix.address}/${prefix.length} dev ${settings.dev}`;
  return { type, flags, payload, subject, layout: addressMessage };
}

/** An address as callers see it. */
export function toAddress({ header, attributes }: AddressMessage, names: LinkNames): Address {
  const { local, address, broadcast, anycast, label, metric, protocol, cacheinfo, unknown } = attributes;
  const own = local ?? address ?? '';
  const bits = attributes.flags === undefined ? header.flags : bitsOf(addressFlagNames, attributes.flags);
  const presented: Address = {
    ifindex: header.index,
    dev: names.nameOf(header.index),
    family: header.family === 'inet6' ? 'inet6' : 'inet',
    local: own,
    ...(address !== undefined && address !== own && { address }),
    prefixlen: header.prefixlen,
    ...(broadcast !== undefined && { broadcast }),
    ...(anycast !== undefined && { anycast }),
    scope: header.scope,
    ...presentFlags(bits, header.family === 'inet6'),
    ...(label !== undefined && { label }),
    ...(metric !== undefined && { metric }),
    ...(protocol !== undefined && { protocol }),
    valid_life_time: cacheinfo?.valid ?? FOREVER,
    preferred_life_time: cacheinfo?.preferred ?? FOREVER,
  };
  return withUnknown(presented, unknown);
}

function presentFlags(bits: number, isV6: boolean): AddressFlags {
  const flags: Record<string, boolean> = {};
  for (const name of flagsOf(addressFlagNames, bits)) {
    if (name === 'permanent') continue;
    flags[name === 'secondary' && isV6 ? 'temporary' : name] = true;
  }
  if ((bits & IFA_F.IFA_F_PERMANENT) === 0) flags['dynamic'] = true;
  return flags;
}
