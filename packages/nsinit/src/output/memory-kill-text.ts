import type { MemoryKill } from '@nsinit/libcontainer';

/** What a start needs beside the program's own pages, in KiB: the start itself and what the kernel keeps of it. */
const startKiB = 256;

/** Why a command was killed that wanted more memory than there was, and what to do about it. */
export function memoryKillText({ kills, limit, peak }: MemoryKill): string {
  const others = kills > 1n ? `, with ${kills - 1n} more` : '';
  if (limit === undefined)
    return `the command was killed${others}: the memory of the host, or of a group above, is out`;
  const used = peak === undefined ? '' : `, at most ${kib(peak)} were used`;
  const need = `a start needs about ${startKiB} KiB and the pages of the program`;
  return `the command was killed${others}: the memory limit is ${kib(limit)}${used} (${need}: raise --memory-limit, cgroups.memory)`;
}

/** In KiB, rounded up: limits are kept in pages. */
const kib = (bytes: bigint): string => `${(bytes + 1023n) / 1024n} KiB`;
