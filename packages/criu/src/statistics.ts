import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { libcFunction } from '@nsinit/syscall';
import { type StatsEntry, statsCodec } from './messages/stats.ts';

/** What a dump did. Times in microseconds; a page has the kernel's size. */
export interface DumpStatistics {
  /** Until the whole tree stood still. */
  readonly freezingMicroseconds: number;
  /** How long the tree stood still. */
  readonly frozenMicroseconds: number;
  readonly memoryDumpMicroseconds: number;
  readonly memoryWriteMicroseconds: number;
  readonly pagesScanned: bigint;
  /** Left out, as the parent images have them unchanged. */
  readonly pagesSkippedParent: bigint;
  readonly pagesWritten: bigint;
  /** Of shared memory. 0 for a criu that does not count them. */
  readonly sharedPagesWritten: bigint;
  /** {@link pagesWritten} and {@link sharedPagesWritten} in bytes: what is in the images. */
  readonly bytesWritten: bigint;
  /** Left behind for a lazy restore. */
  readonly pagesLazy: bigint;
}

/** What a restore did. Times in microseconds. */
export interface RestoreStatistics {
  /** Until the whole tree existed. */
  readonly forkingMicroseconds: number;
  /** From the start to the end. */
  readonly restoreMicroseconds: number;
  readonly pagesCompared: bigint;
  /** Left out, as they were shared with a parent process. */
  readonly pagesSkippedCow: bigint;
  readonly pagesRestored: bigint;
}

/** The first numbers of every file that is no image of a process, and of statistics. */
const magics = { service: 0x55105940, statistics: 0x57093306 } as const;

/**
 * Reads the content of a `stats-dump` file.
 *
 * @param pageSize of the kernel that dumped, in bytes.
 * @throws {SyntaxError} when it is another file.
 */
export function parseDumpStatistics(bytes: Uint8Array, pageSize: number): DumpStatistics {
  const { dump } = parseEntry(bytes);
  if (!dump) throw new SyntaxError('the statistics are not those of a dump');
  return {
    freezingMicroseconds: dump.freezing_time,
    frozenMicroseconds: dump.frozen_time,
    memoryDumpMicroseconds: dump.memdump_time,
    memoryWriteMicroseconds: dump.memwrite_time,
    pagesScanned: dump.pages_scanned,
    pagesSkippedParent: dump.pages_skipped_parent,
    pagesWritten: dump.pages_written,
    sharedPagesWritten: dump.shpages_written ?? 0n,
    bytesWritten: (dump.pages_written + (dump.shpages_written ?? 0n)) * BigInt(pageSize),
    pagesLazy: dump.pages_lazy,
  };
}

/**
 * Reads the content of a `stats-restore` file.
 *
 * @throws {SyntaxError} when it is another file.
 */
export function parseRestoreStatistics(bytes: Uint8Array): RestoreStatistics {
  const { restore } = parseEntry(bytes);
  if (!restore) throw new SyntaxError('the statistics are not those of a restore');
  return {
    forkingMicroseconds: restore.forking_time,
    restoreMicroseconds: restore.restore_time,
    pagesCompared: restore.pages_compared,
    pagesSkippedCow: restore.pages_skipped_cow,
    pagesRestored: restore.pages_restored ?? 0n,
  };
}

/** Two magic numbers, the length of the message, and the message. */
function parseEntry(bytes: Uint8Array): StatsEntry {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 12 || view.getUint32(0, true) !== magics.service || view.getUint32(4, true) !== magics.statistics)
    throw new SyntaxError('these are not statistics of criu: the magic numbers are missing');
  const length = view.getUint32(8, true);
  if (length > bytes.length - 12)
    throw new SyntaxError(`the statistics have ${bytes.length - 12} bytes and should have ${length}`);
  try {
    return statsCodec.decode('stats_entry', bytes.subarray(12, 12 + length));
  } catch (cause) {
    throw new SyntaxError('the statistics cannot be parsed', { cause });
  }
}

/**
 * What the last dump or pre-dump with this work directory did; undefined when it left no statistics.
 *
 * @throws {SyntaxError} when the file is another one.
 */
export async function readDumpStatistics(workDirectory: string): Promise<DumpStatistics | undefined> {
  const bytes = await readOptional(join(workDirectory, 'stats-dump'));
  return bytes && parseDumpStatistics(bytes, libcFunction('int getpagesize()')() as number);
}

/** What the last restore with this work directory did; undefined when it left no statistics. */
export async function readRestoreStatistics(workDirectory: string): Promise<RestoreStatistics | undefined> {
  const bytes = await readOptional(join(workDirectory, 'stats-restore'));
  return bytes && parseRestoreStatistics(bytes);
}

async function readOptional(path: string): Promise<Uint8Array | undefined> {
  try {
    return await readFile(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
