import { randomBytes } from 'node:crypto';
import { NetlinkInputError } from '../errors.ts';

/** `02:42:ac:11:00:02` for its bytes; a link-layer address may have another length than Ethernet's six. */
export function formatLladdr(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(':');
}

/**
 * The bytes of a link-layer address: pairs of hexadecimal digits with `:` or `-` between them.
 *
 * @throws {NetlinkInputError} for anything else.
 */
export function parseLladdr(value: string, field = 'address'): Uint8Array {
  if (value === '') return new Uint8Array();
  if (!/^[0-9a-f]{2}([:-][0-9a-f]{2})*$/i.test(value))
    throw new NetlinkInputError(
      field,
      `${JSON.stringify(value)} is not a link-layer address such as 02:42:ac:11:00:02`,
    );
  return Uint8Array.from(value.split(/[:-]/), (pair) => Number.parseInt(pair, 16));
}

/**
 * Checks an address that an Ethernet interface shall have.
 *
 * @throws {NetlinkInputError} for a multicast address (the lowest bit of the first byte) or one not of six bytes.
 */
export function checkMac(value: string, field = 'address'): string {
  const bytes = parseLladdr(value, field);
  if (bytes.length !== 6) throw new NetlinkInputError(field, `${value} has ${bytes.length} bytes and not 6`);
  if (bytes[0]! & 1) throw new NetlinkInputError(field, `${value} is a multicast address, which no interface can have`);
  return value;
}

/** A random address for an interface: not multicast, and marked as locally administered. */
export function randomMac(): string {
  const bytes = randomBytes(6);
  bytes[0] = (bytes[0]! & 0xfe) | 0x02;
  return formatLladdr(bytes);
}
