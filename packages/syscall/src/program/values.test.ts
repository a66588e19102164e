import { describe, expect, it } from 'vitest';
import { ProgramBuilder } from './builder.ts';
import { AT_FDCWD, fdAt } from './values.ts';

describe('fdAt', () => {
  it('takes a number that can be a descriptor', () => {
    expect(fdAt(3)).toEqual({ fd: 3 });
    expect(fdAt(3, 'root')).toEqual({ fd: 3, name: 'root' });
    expect(fdAt(-100)).toEqual({ fd: AT_FDCWD.fd });
  });

  it('refuses every other number', () => {
    for (const fd of [-1, -99, -101, 1.5, Number.NaN, 2 ** 31])
      expect(() => fdAt(fd)).toThrow(new RangeError(`${fd} is not a file descriptor`));
  });
});

describe('Buf', () => {
  it('gives cells that lie inside', () => {
    const buf = new ProgramBuilder('x64').zeros(12, 'memory');
    expect(buf.cell(8, 4)).toMatchObject({ offset: buf.offset + 8, width: 4, name: 'memory+8' });
    expect(() => buf.cell(8, 8)).toThrow('8+8 is outside the 12 bytes of memory');
    expect(() => buf.cell(-4, 4)).toThrow(RangeError);
  });

  it('refuses cells that the executor would refuse for their place', () => {
    const b = new ProgramBuilder('x64');
    expect(() => b.zeros(16, 'memory').cell(4, 8)).toThrow('4 in memory is not a multiple of 8');
    expect(() => b.structs('pollfd', [{}, {}]).field('pollfd', 'revents')).toThrow(RangeError);
    b.string('a');
    expect(() => b.string('some text').cell(0, 4)).toThrow(RangeError);
  });

  it('reads fields by their width and sign', () => {
    const b = new ProgramBuilder('x64');
    expect(b.out('siginfo').field('siginfo', 'si_status').width).toBe(-4);
    expect(b.out('siginfo').field('siginfo', 'si_uid').width).toBe(4);
    expect(b.out('statx').field('statx', 'stx_mnt_id').width).toBe(8);
  });
});
