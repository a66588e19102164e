import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type ErrnoName, errnoMessage, errnoName, errnos } from './errno.ts';

/** What strerror(3) says of each number. */
function strerrors(numbers: readonly number[]): readonly string[] {
  const dir = mkdtempSync(join(tmpdir(), 'nsinit-errno-'));
  try {
    const source = join(dir, 'errno.c');
    const calls = numbers.map((number) => `  puts(strerror(${number}));`);
    writeFileSync(source, `#include <stdio.h>\n#include <string.h>\nint main(void) {\n${calls.join('\n')}\n}\n`);
    const compiled = spawnSync('cc', ['-o', join(dir, 'errno'), source], { encoding: 'utf8' });
    expect(compiled.stderr).toBe('');
    const run = spawnSync(join(dir, 'errno'), { encoding: 'utf8', env: { LC_ALL: 'C' } });
    return run.stdout.trimEnd().split('\n');
  } finally {
    rmSync(dir, { recursive: true });
  }
}

/** Error messages begin small, but for names. */
function small(message: string): string {
  return /^(RFS|\.lib)/.test(message) ? message : message[0]!.toLowerCase() + message.slice(1);
}

describe('errnoMessage', () => {
  it('says what strerror(3) says', () => {
    const numbers = Object.values(errnos);
    expect(numbers.map(errnoMessage)).toEqual(strerrors(numbers).map(small));
  });

  it('says that it does not know a number', () => {
    expect(errnoMessage(4095)).toBe('unknown error 4095');
  });
});

describe('errnoName', () => {
  it('names every number, each once', () => {
    for (const [name, number] of Object.entries(errnos)) expect(errnoName(number)).toBe(name as ErrnoName);
    expect(errnoName(4095)).toBe('E4095');
  });
});
