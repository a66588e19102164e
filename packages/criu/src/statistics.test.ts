import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parseDumpStatistics, parseRestoreStatistics } from './statistics.ts';

const fixture = (name: string): Uint8Array => readFileSync(new URL(`fixtures/statistics/${name}`, import.meta.url));

describe('statistics', () => {
  it('reads those of a dump', () => {
    expect(parseDumpStatistics(fixture('stats-dump'), 4096)).toMatchInlineSnapshot(`
      {
        "bytesWritten": 126976n,
        "freezingMicroseconds": 331,
        "frozenMicroseconds": 21518,
        "memoryDumpMicroseconds": 373,
        "memoryWriteMicroseconds": 75,
        "pagesLazy": 0n,
        "pagesScanned": 59n,
        "pagesSkippedParent": 0n,
        "pagesWritten": 31n,
        "sharedPagesWritten": 0n,
      }
    `);
  });

  it('reads those of a restore', () => {
    expect(parseRestoreStatistics(fixture('stats-restore'))).toMatchInlineSnapshot(`
      {
        "forkingMicroseconds": 1,
        "pagesCompared": 0n,
        "pagesRestored": 31n,
        "pagesSkippedCow": 0n,
        "restoreMicroseconds": 6757,
      }
    `);
  });

  it('refuses other files', () => {
    const dump = fixture('stats-dump');
    expect(() => parseDumpStatistics(new Uint8Array(4), 4096)).toThrow('the magic numbers are missing');
    expect(() => parseDumpStatistics(Buffer.alloc(64), 4096)).toThrow('the magic numbers are missing');
    expect(() => parseDumpStatistics(fixture('stats-restore'), 4096)).toThrow('not those of a dump');
    expect(() => parseRestoreStatistics(dump)).toThrow('not those of a restore');
    expect(() => parseDumpStatistics(dump.subarray(0, 20), 4096)).toThrow(
      'the statistics have 8 bytes and should have',
    );
    const broken = Uint8Array.from(dump);
    broken[13] = 1;
    expect(() => parseDumpStatistics(broken, 4096)).toThrow('the statistics cannot be parsed');
  });
});
