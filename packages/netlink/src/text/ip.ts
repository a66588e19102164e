import { isIPv6 } from 'node:net';
import { NetlinkInputError } from '../errors.ts';

/** The family of an address, as `ip -j` names it. */
export type IpFamily = 'inet' | 'inet6';

/** How many bits an address of the family has. */
export function bitsOfFamily(family: IpFamily): 32 | 128 {
  return family === 'inet' ? 32 : 128;
}

/**
 * The bytes of an address: 4 or 16 of them.
 *
 * @throws {NetlinkInputError} for text that is no address; a zone (`%eth0`) is none.
 */
export function parseIp(value: string, field = 'address'): Uint8Array {
  const short = parseIpv4(value);
  if (short) return short;
  if (!isIPv6(value) || value.includes('%'))
    throw new NetlinkInputError(field, `${JSON.stringify(value)} is not an IP address`);
  return parseIpv6(value);
}

/** Four numbers without leading zeroes; undefined for anything else. By hand, as routes are added by the ten thousand. */
function parseIpv4(value: string): Uint8Array | undefined {
  if (value.length > 15) return undefined;
  const bytes = new Uint8Array(4);
  let part = 0;
  let digits = 0;
  let number = 0;
  for (let i = 0; i < value.length; i++) {
    const code = value.charCodeAt(i);
    if (code === DOT) {
      if (digits === 0 || part === 3) return undefined;
      bytes[part++] = number;
      digits = 0;
      number = 0;
    } else if (code >= ZERO && code <= NINE) {
      if (digits > 0 && number === 0) return undefined;
      number = number * 10 + code - ZERO;
      digits++;
      if (number > 255) return undefined;
    } else return undefined;
  }
  if (part !== 3 || digits === 0) return undefined;
  bytes[3] = number;
  return bytes;
}

const DOT = 0x2e;
const ZERO = 0x30;
const NINE = 0x39;

function parseIpv6(value: string): Uint8Array {
  const dotted = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(value);
  let whole = value;
  if (dotted) {
    const [a, b, c, d] = dotted[2]!.split('.').map(Number) as [number, number, number, number];
    whole = `${dotted[1]}${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`;
  }
  const [head, tail] = whole.split('::') as [string, string | undefined];
  const groups = (part: string): number[] =>
    part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16));
  const left = groups(head);
  const right = tail === undefined ? [] : groups(tail);
  const bytes = new Uint8Array(16);
  left.forEach((group, i) => {
    bytes.set([group >> 8, group & 0xff], i * 2);
  });
  right.forEach((group, i) => {
    bytes.set([group >> 8, group & 0xff], 16 - (right.length - i) * 2);
  });
  return bytes;
}

/** The text of 4 or 16 bytes, as inet_ntop(3) writes it. */
export function formatIp(bytes: Uint8Array): string {
  return bytes.length === 4 ? `${bytes[0]}.${bytes[1]}.${bytes[2]}.${bytes[3]}` : formatIpv6(bytes);
}

function formatIpv6(bytes: Uint8Array): string {
  const groups = Array.from({ length: 8 }, (_, i) => (bytes[i * 2]! << 8) | bytes[i * 2 + 1]!);
  const run = longestZeroRun(groups);
  // ::a.b.c.d and ::ffff:a.b.c.d, which hold an IPv4 address.
  const mapped = run.start === 0 && (run.length === 6 || (run.length === 5 && groups[5] === 0xffff));
  const hex = (from: number, to: number): string =>
    groups
      .slice(from, to)
      .map((group) => group.toString(16))
      .join(':');
  if (mapped) return `::${run.length === 5 ? 'ffff:' : ''}${bytes.subarray(12).join('.')}`;
  if (run.length < 2) return hex(0, 8);
  return `${hex(0, run.start)}::${hex(run.start + run.length, 8)}`;
}

function longestZeroRun(groups: readonly number[]): { readonly start: number; readonly length: number } {
  let best = { start: -1, length: 0 };
  let start = 0;
  for (let i = 0; i <= groups.length; i++) {
    if (i < groups.length && groups[i] === 0) continue;
    if (i - start > best.length) best = { start, length: i - start };
    start = i + 1;
  }
  return best;
}

/** The family of an address by its bytes. */
export function familyOf(bytes: Uint8Array): IpFamily {
  return bytes.length === 4 ? 'inet' : 'inet6';
}
