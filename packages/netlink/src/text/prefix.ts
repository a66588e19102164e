import { NetlinkInputError } from '../errors.ts';
import { bitsOfFamily, familyOf, formatIp, type IpFamily, parseIp } from './ip.ts';

/** An address and how many of its leading bits name a network. */
export interface Prefix {
  readonly family: IpFamily;
  /** The address, host bits included. */
  readonly address: string;
  /** 0 to 32 or 128. */
  readonly length: number;
}

/**
 * `10.0.0.1/24`; without a length all bits count. `default`, `all` and `any` are the network of all addresses.
 *
 * @param family of `default`; where an address is written it decides.
 * @throws {NetlinkInputError} for anything else.
 */
export function parsePrefix(value: string, field: string, family: IpFamily = 'inet'): Prefix {
  if (value === 'default' || value === 'all' || value === 'any')
    return { family, address: family === 'inet' ? '0.0.0.0' : '::', length: 0 };
  const slash = value.indexOf('/');
  const bytes = parseIp(slash < 0 ? value : value.slice(0, slash), field);
  const found = familyOf(bytes);
  const most = bitsOfFamily(found);
  const bits = value.slice(slash + 1);
  const length = slash < 0 ? most : Number(bits);
  if ((slash >= 0 && !/^\d{1,3}$/.test(bits)) || length > most)
    throw new NetlinkInputError(field, `${JSON.stringify(value)} has a prefix length that is not 0 to ${most}`);
  return { family: found, address: formatIp(bytes), length };
}

/** The address with its host bits cleared. */
export function network({ address, length }: Prefix): string {
  const bytes = parseIp(address);
  for (let i = 0; i < bytes.length; i++) {
    const keep = Math.min(8, Math.max(0, length - i * 8));
    bytes[i] = bytes[i]! & (0xff << (8 - keep));
  }
  return formatIp(bytes);
}

/** As `ip -j` writes a destination: `default`, `10.0.0.0/8`, and a single address without its length. */
export function formatPrefix(address: string | undefined, length: number, family: IpFamily): string {
  if (length === 0 && (address === undefined || /^[0.:]+$/.test(address))) return 'default';
  const text = address ?? (family === 'inet' ? '0.0.0.0' : '::');
  return length === bitsOfFamily(family) ? text : `${text}/${length}`;
}
