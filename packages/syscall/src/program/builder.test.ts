import { describe, expect, it } from 'vitest';
import { ProgramBuilder } from './builder.ts';

describe('build', () => {
  it('refuses a label without a place', () => {
    const b = new ProgramBuilder('x64');
    b.call('getpid', {}, { on: { EPERM: b.label('lost') }, what: 'ask' });
    expect(() => b.build()).toThrow('instruction 0 (ask) jumps to label lost, which is not placed');
  });

  it('refuses to go backwards, or to stay', () => {
    for (const jump of ['jump', 'branch', 'next', 'on'] as const) {
      const b = new ProgramBuilder('x64');
      const start = b.label('start');
      b.place(start);
      if (jump === 'jump') b.jump(start);
      else if (jump === 'branch') b.branch(b.variable('x'), '==', 0, start);
      else b.call('getpid', {}, jump === 'next' ? { next: start } : { on: { any: start } });
      expect(() => b.build()).toThrow('jumps back to label start: programs only go forward');
    }
  });

  it('takes a label behind the last instruction', () => {
    const b = new ProgramBuilder('x64');
    const end = b.label();
    b.jump(end);
    b.place(end);
    expect(b.build().instructions).toHaveLength(1);
  });

  it('gives a program that later calls of the builder leave alone', () => {
    const b = new ProgramBuilder('x64');
    b.call('getpid', {});
    const program = b.build();
    b.call('getpid', {});
    expect(program.instructions).toHaveLength(1);
  });
});

describe('place', () => {
  it('refuses a second place', () => {
    const b = new ProgramBuilder('x64');
    const label = b.label('here');
    b.place(label);
    expect(() => b.place(label)).toThrow('label here is placed twice');
  });
});

describe('string', () => {
  it('keeps equal texts once', () => {
    const b = new ProgramBuilder('x64');
    expect(b.string('a')).toBe(b.string('a'));
    expect(b.string('a').offset).not.toBe(b.string('b').offset);
  });

  it('refuses a NUL, which would cut it', () => {
    expect(() => new ProgramBuilder('x64').string('a\0b')).toThrow('"a\\u0000b" holds a NUL byte');
  });

  it('grows the data as far as it must', () => {
    const b = new ProgramBuilder('x64');
    const texts = Array.from({ length: 300 }, (_, index) => `${index}é`.repeat(100));
    const offsets = texts.map((text) => b.string(text).offset);
    const { data } = b.build();
    const bytes = Buffer.alloc(data.size);
    data.encode(bytes, 0n);
    for (const [index, text] of texts.entries())
      expect(bytes.subarray(offsets[index]!).toString('utf8').split('\0', 1)[0]).toBe(text);
  });
});
