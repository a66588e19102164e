import { readdirSync } from 'node:fs';
import { errnoOf } from './error.ts';

const units = ['B', 'KB', 'MB', 'GB', 'TB', 'PB'] as const;

/** A size as the hugetlb files name it: 2097152 bytes are `2MB`. mm/hugetlb_cgroup.c */
export function pageSizeName(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && value % 1024 === 0 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${value}${units[unit]}`;
}

/** The huge page sizes of this machine: `['2MB', '1GB']`; none where the kernel has no huge pages. */
export function hugePageSizes(directory = '/sys/kernel/mm/hugepages'): readonly string[] {
  try {
    return readdirSync(directory)
      .map((name) => /^hugepages-(\d+)kB$/.exec(name)?.[1])
      .filter((size) => size !== undefined)
      .map(Number)
      .toSorted((a, b) => a - b)
      .map((kilobytes) => pageSizeName(kilobytes * 1024));
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return [];
    throw error;
  }
}
