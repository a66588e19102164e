import { readdirSync, readFileSync, readlinkSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { allPids, childrenOf } from '../state/proc.ts';

/** A process as a failed test shows it. */
function describe(pid: number): string {
  const text = attempt(() => readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim());
  const name = attempt(() => readFileSync(`/proc/${pid}/stat`, 'utf8').slice(0, 40));
  return `process ${pid}: ${text || name || 'gone'}`;
}

/** What a look at a process says; undefined when it has ended meanwhile or may not be looked at. */
function attempt<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ESRCH' || code === 'EACCES') return undefined;
    throw error;
  }
}

/**
 * The processes that belong to containers of a directory, whoever their parents are: those that run the busybox of its
 * root file system, and executors that hold one of its files open.
 */
export function processesBelow(dir: string): readonly number[] {
  const busybox = statSync(join(dir, 'rootfs/bin/busybox'));
  return allPids().filter((pid) => {
    const executable = attempt(() => readlinkSync(`/proc/${pid}/exe`));
    if (executable === undefined) return false;
    const file = attempt(() => statSync(`/proc/${pid}/exe`));
    if (file?.ino === busybox.ino && file.dev === busybox.dev) return true;
    if (!executable.includes('memfd:nsexec')) return false;
    const fds = attempt(() => readdirSync(`/proc/${pid}/fd`)) ?? [];
    return fds.some((fd) => attempt(() => readlinkSync(`/proc/${pid}/fd/${fd}`))?.startsWith(dir));
  });
}

/** The processes that this one has started and that are still there, and those of containers below a directory. */
export function leftProcesses(dir: string): readonly string[] {
  return [...new Set([...childrenOf(process.pid), ...processesBelow(dir)])].map(describe);
}

/** The lines of this process's mount table that name a directory. */
export function mountsBelow(dir: string): readonly string[] {
  return readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .filter((line) => line.includes(dir));
}

/** The open descriptors of this process: number and file. */
export function openDescriptors(): readonly string[] {
  return readdirSync('/proc/self/fd').flatMap((fd) => {
    const link = attempt(() => readlinkSync(`/proc/self/fd/${fd}`));
    // The directory that is being read is one itself.
    return link === undefined || link.endsWith('/fd') ? [] : [`${fd} ${link}`];
  });
}
