import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { commandNames, commands, shells } from '../commands.ts';
import { completionScript } from './index.ts';

/** What bash offers for the last of these words. */
function bashOffers(words: readonly string[], cwd = '/'): readonly string[] {
  const script = `${completionScript('bash')}
compopt() { :; }
COMP_WORDS=(nsinit "$@"); COMP_CWORD=$#
_nsinit
printf '%s\\n' "\${COMPREPLY[@]}"`;
  return execFileSync('bash', ['-c', script, 'bash', ...words], { encoding: 'utf8', cwd })
    .split('\n')
    .filter(Boolean);
}

describe('completion in bash', () => {
  it('offers the commands first', () => {
    expect(bashOffers([''])).toEqual(expect.arrayContaining([...commandNames, '--root']));
    expect(bashOffers(['pau'])).toEqual(['pause']);
    expect(bashOffers(['--root', '/x', 'pau'])).toEqual(['pause']);
    expect(bashOffers(['--root', '=', '/x', 'pau'])).toEqual(['pause']);
  });

  it('offers the flags of a command, and those of every command', () => {
    const offers = bashOffers(['exec', '--']);
    expect(offers).toEqual(expect.arrayContaining(Object.keys(commands.exec.flags).map((name) => `--${name}`)));
    expect(offers).toContain('--debug');
    expect(bashOffers(['state', '--'])).not.toContain('--tty');
  });

  it('offers the values of a flag, also behind an equals sign', () => {
    expect(bashOffers(['exec', '--security', ''])).toEqual(['high', 'medium', 'low']);
    expect(bashOffers(['exec', '--security', '=', 'm'])).toEqual(['medium']);
    expect(bashOffers(['exec', '--security', '='])).toEqual(['high', 'medium', 'low']);
    expect(bashOffers(['exec', '--id', ''])).toEqual([]);
  });

  it('offers directories where one is wanted', () => {
    const dir = mkdtempSync(join(tmpdir(), 'nsinit-complete-'));
    try {
      mkdirSync(join(dir, 'inner'));
      writeFileSync(join(dir, 'infile'), '');
      expect(bashOffers(['exec', '--rootfs', 'in'], dir)).toEqual(['inner']);
      expect([...bashOffers(['exec', '--config', 'in'], dir)].sort()).toEqual(['infile', 'inner']);
    } finally {
      rmSync(dir, { recursive: true });
    }
  });

  it('leaves what stands behind a command to the shell', () => {
    expect(bashOffers(['exec', '-t', '/bin/sh', '--'])).toEqual([]);
    expect(bashOffers(['exec', '--env', 'A=1', 'sh', '--security', ''])).toEqual([]);
  });

  it('offers shells and commands as operands', () => {
    expect(bashOffers(['completion', ''])).toEqual([...shells]);
    expect(bashOffers(['help', 'ex'])).toEqual(['exec']);
  });
});

describe.each(shells)('the script for %s', (shell) => {
  it('knows every command and every flag', () => {
    const script = completionScript(shell);
    for (const name of commandNames) {
      expect(script).toContain(name);
      for (const flag of Object.keys(commands[name].flags))
        expect(script).toMatch(shell === 'fish' ? new RegExp(`-l ${flag}\\b`) : new RegExp(`--${flag}\\b`));
    }
  });
});
