import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Manager } from '@nsinit/cgroups';
import type { ExitStatus } from '@nsinit/namespaces';

/** What is known of a process's end when memory was the reason. */
export interface MemoryKill {
  /** How many processes of the group the kernel has killed since this one was started, this one among them. */
  readonly kills: bigint;
  /** Limit of the group in bytes; undefined: it has none, so the host was out of memory, or a group above. */
  readonly limit: bigint | undefined;
  /** Most that the group has used so far, in bytes; undefined: this kernel does not say (v2 before 5.19). */
  readonly peak: bigint | undefined;
}

/** How a process of a container ended. */
export interface ProcessExit extends ExitStatus {
  /**
   * Given when it was killed while the kernel killed processes of its group for want of memory. A program of the container
   * that kills at the same moment cannot be told from that. undefined: not so, or nobody can tell: there is no group, or it
   * was systemd's and is gone with its last process.
   */
  readonly memoryKill?: MemoryKill;
}

/** What is done with an exit status before it is told. */
export type JudgeEnd = (status: ExitStatus) => ProcessExit;

/** Counts from now on, for a process that is about to start in a group. */
export function watchMemoryKills(manager: Manager | undefined): JudgeEnd {
  if (!manager) return (status) => status;
  const before = killsIn(manager) ?? 0n;
  return (status) => {
    if (status.signal !== 'SIGKILL') return status;
    const kills = (killsIn(manager) ?? 0n) - before;
    if (kills <= 0n) return status;
    const { limit, maxUsage: peak } = manager.stats().memory?.usage ?? {};
    return { ...status, memoryKill: { kills, limit: isLimit(limit) ? limit : undefined, peak } };
  };
}

/** The counter alone, not all statistics: it is read at every start. undefined: there is no such file. */
function killsIn(manager: Manager): bigint | undefined {
  const { memory, '': unified } = manager.paths();
  const file = memory ? join(memory, 'memory.oom_control') : unified && join(unified, 'memory.events');
  if (!file) return undefined;
  try {
    const count = /^oom_kill (\d+)$/m.exec(readFileSync(file, 'utf8'))?.[1];
    return count === undefined ? undefined : BigInt(count);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENODEV') return undefined;
    throw error;
  }
}

/** Version 1 writes "no limit" as the largest number of pages. */
function isLimit(limit: bigint | undefined): boolean {
  return limit !== undefined && limit < 0x7fff_ffff_ffff_0000n;
}
