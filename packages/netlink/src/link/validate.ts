import { NetlinkInputError } from '../errors.ts';
import { checkMac, parseLladdr } from '../text/mac.ts';

/** IFNAMSIZ less the NUL byte. */
const MAX_NAME = 15;

/** IFALIASZ less the NUL byte. */
const MAX_ALIAS = 255;

/**
 * Checks the name of a link as the kernel does (dev_valid_name of net/core/dev.c).
 *
 * @throws {NetlinkInputError}
 */
export function checkIfname(name: string, field = 'ifname'): string {
  const quoted = JSON.stringify(name);
  const length = Buffer.byteLength(name);
  if (length === 0) throw new NetlinkInputError(field, 'the name of a link is empty');
  if (length > MAX_NAME)
    throw new NetlinkInputError(field, `${quoted} has ${length} bytes, and the name of a link has at most ${MAX_NAME}`);
  if (name === '.' || name === '..' || /[/:\s\0]/.test(name))
    throw new NetlinkInputError(
      field,
      `${quoted} is no name of a link: ".", "..", "/", ":" and white space are not allowed`,
    );
  return name;
}

/** Checks the text that describes a link. */
export function checkAlias(alias: string): string {
  const length = Buffer.byteLength(alias);
  if (length > MAX_ALIAS) throw new NetlinkInputError('ifalias', `has ${length} bytes, and at most ${MAX_ALIAS} fit`);
  return alias;
}

/** Checks a link-layer address; those of other lengths than Ethernet's are the kernel's to judge. */
export function checkAddress(address: string): string {
  return parseLladdr(address).length === 6 ? checkMac(address) : address;
}
