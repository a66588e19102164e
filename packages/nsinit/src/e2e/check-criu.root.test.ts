import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { testCriu } from '../testing/criu.ts';
import { useBox } from '../testing/use-box.ts';

interface Found {
  readonly group: string;
  readonly name: string;
  readonly status: string;
  readonly detail: string;
  readonly remedy?: string;
}

const { cli, box } = useBox();
let criu: string;
beforeAll(() => {
  criu = testCriu();
});

/** What `nsinit check` finds of checkpoints with a criu, by name. */
async function check(path: string): Promise<Readonly<Record<string, Found>>> {
  const { stdout } = await cli().run(['--criu', path, 'check', '--format', 'json'], { cwd: '/' });
  const findings = JSON.parse(stdout) as readonly Found[];
  return Object.fromEntries(findings.filter(({ group }) => group === 'checkpoint').map((one) => [one.name, one]));
}

/** A program that is none of a criu that works. */
function program(script: string): string {
  const path = join(box().work, 'criu');
  writeFileSync(path, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  return path;
}

describe('nsinit check with a criu', () => {
  it('names a feature that this kernel has not', async () => {
    const found = await check(criu);
    expect(found['criu and kernel']).toMatchObject({ status: 'ok' });
    const hasTracking = spawnSync(criu, ['check', '--feature', 'mem_dirty_track']).status === 0;
    expect(found['pre-dump']).toMatchObject(
      hasTracking
        ? { status: 'ok' }
        : {
            status: 'limited',
            detail: expect.stringContaining('CONFIG_MEM_SOFT_DIRTY'),
            remedy: expect.stringContaining('--pre-dump'),
          },
    );
    const hasUserfaultfd = spawnSync(criu, ['check', '--feature', 'uffd-noncoop']).status === 0;
    expect(found['lazy pages']!.status).toBe(hasUserfaultfd ? 'ok' : 'limited');
  });

  it.each([
    [
      'is too old',
      'if [ "$1" = --version ]; then echo "Version: 2.12.1"; else exit 1; fi',
      /is criu 2\.12\.1, .*too old/,
    ],
    [
      'is broken',
      'echo "error while loading shared libraries: libnet.so.1" >&2; exit 127',
      /does not work .*libnet\.so\.1/,
    ],
  ])('that %s says so', async (_, script, message) => {
    expect(Object.values(await check(program(script)))).toEqual([
      expect.objectContaining({ status: 'limited', detail: expect.stringMatching(message) }),
    ]);
  });
});
