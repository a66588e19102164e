import { NetlinkDecodeError } from '../errors.ts';
import { formatIp, parseIp } from '../text/ip.ts';
import { formatLladdr, parseLladdr } from '../text/mac.ts';
import type { Codec } from './codec.ts';

/** A link-layer address of any length as text: `02:42:ac:11:00:02`. */
export const lladdr: Codec<string> = {
  shape: { kind: 'lladdr' },
  write: (out, value) => out.append(parseLladdr(value, '')),
  read: (bytes, at, end) => formatLladdr(bytes.window(at, end)),
};

/** An IP address as text; its length tells the family. */
export const ip: Codec<string> = {
  shape: { kind: 'ip' },
  write: (out, value) => out.append(parseIp(value, '')),
  read(bytes, at, end) {
    if (end - at !== 4 && end - at !== 16)
      throw new NetlinkDecodeError(`an IP address at offset ${at} has ${end - at} bytes and not 4 or 16`);
    return formatIp(bytes.window(at, end));
  },
};
