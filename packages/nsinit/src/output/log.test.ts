import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { Log, logLine } from './log.ts';

const time = new Date('2026-01-02T03:04:05.678Z');

it('writes a line of text or of JSON', () => {
  expect(logLine('error', 'a "b"', time, 'text')).toBe('time="2026-01-02T03:04:05.678Z" level=error msg="a \\"b\\""\n');
  expect(JSON.parse(logLine('warning', 'x\ny', time, 'json'))).toEqual({
    time: '2026-01-02T03:04:05.678Z',
    level: 'warning',
    msg: 'x\ny',
  });
});

it('empties its file, and leaves debugging out unless it is wanted', () => {
  const dir = mkdtempSync(join(tmpdir(), 'nsinit-log-'));
  try {
    const file = join(dir, 'log');
    writeFileSync(file, 'old\n');
    const log = new Log({ debug: false, file, format: 'json' });
    log.debug('hidden');
    log.warn('seen');
    log.error('failed', 'failed\nwith details');
    log.close();
    const lines = readFileSync(file, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as object);
    expect(lines).toMatchObject([
      { level: 'warning', msg: 'seen' },
      { level: 'error', msg: 'failed' },
    ]);
    expect(() => new Log({ debug: false, file: join(dir, 'no', 'log'), format: 'text' })).toThrow('ENOENT');
  } finally {
    rmSync(dir, { recursive: true });
  }
});
