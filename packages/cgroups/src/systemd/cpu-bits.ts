import { CgroupError } from '../error.ts';

/**
 * A list of CPUs or nodes (`0-2,7`) as bits, the lowest first, as many bytes as needed.
 *
 * @throws {CgroupError} ERR_CGROUP_INVALID for a text that is none.
 */
export function cpuBits(list: string, field: string): Uint8Array {
  const refuse = (): never => {
    throw new CgroupError('ERR_CGROUP_INVALID', `${JSON.stringify(list)} is no list of numbers`, {
      field,
      data: list,
      hint: 'for example 0-2,7',
    });
  };
  const bytes: number[] = [];
  for (const part of list.split(',').map((text) => text.trim())) {
    if (part === '') continue;
    const match = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(part);
    if (!match) return refuse();
    const first = Number(match[1]);
    const last = match[2] === undefined ? first : Number(match[2]);
    if (last < first) return refuse();
    for (let bit = first; bit <= last; bit += 1) {
      while (bytes.length <= bit >> 3) bytes.push(0);
      bytes[bit >> 3]! |= 1 << (bit & 7);
    }
  }
  return bytes.length === 0 ? refuse() : Uint8Array.from(bytes);
}
