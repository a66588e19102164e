import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { capabilityName, capabilityNames, capabilityNumber, isCapabilityName } from './names.ts';

/** Name and number of each capability as the C compiler sees them. */
function headerCapabilities(): readonly (readonly [string, number])[] {
  const dir = mkdtempSync(join(tmpdir(), 'nsinit-capabilities-'));
  try {
    const source = join(dir, 'names.c');
    writeFileSync(
      source,
      `#include <stdio.h>
#include <linux/capability.h>
int main(void) {
${capabilityNames.map((name) => `  printf("${name} %d\\n", ${name});`).join('\n')}
  printf("CAP_LAST_CAP %d\\n", CAP_LAST_CAP);
}
`,
    );
    execFileSync('cc', ['-o', join(dir, 'names'), source]);
    const lines = execFileSync(join(dir, 'names'), { encoding: 'utf8' }).trim().split('\n');
    return lines.map((line) => {
      const [name = '', number] = line.split(' ');
      return [name, Number(number)];
    });
  } finally {
    rmSync(dir, { recursive: true });
  }
}

describe('capabilityNames', () => {
  it('has the names and numbers of linux/capability.h, to the last', () => {
    const expected = capabilityNames.map((name, number) => [name, number]);
    expect(headerCapabilities()).toEqual([...expected, ['CAP_LAST_CAP', 40]]);
    expect(capabilityNames).toHaveLength(41);
  });
});

describe('capabilityNumber, capabilityName', () => {
  it('are each other’s inverse', () => {
    for (const name of capabilityNames) expect(capabilityName(capabilityNumber(name))).toBe(name);
    expect(capabilityNumber('CAP_SYS_ADMIN')).toBe(21);
  });

  it('give a number that has no name yet one', () => {
    expect(capabilityName(41)).toBe('CAP_41');
  });
});

describe('isCapabilityName', () => {
  it('takes only the exact name', () => {
    expect(isCapabilityName('CAP_KILL')).toBe(true);
    for (const other of ['KILL', 'cap_kill', 'CAP_41', 'toString', '']) expect(isCapabilityName(other)).toBe(false);
  });
});
