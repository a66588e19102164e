import { readFileSync } from 'node:fs';

const path = '/proc/sys/kernel/cap_last_cap';
let last: number | undefined;

/**
 * The number of the running kernel's last capability, read once: 40 since kernel 5.9.
 *
 * @throws {Error} when /proc is not mounted or the file holds something else.
 */
export function lastCapability(): number {
  last ??= parseLastCapability(readFileSync(path, 'utf8'));
  return last;
}

/** The number in the text of `/proc/sys/kernel/cap_last_cap`; the kernel keeps capabilities in 64 bits. */
export function parseLastCapability(text: string): number {
  const number = /^\d{1,2}\n?$/.test(text) ? Number(text) : Number.NaN;
  if (!(number < 64)) throw new RangeError(`${path}: ${JSON.stringify(text)} is not the number of a capability`);
  return number;
}
