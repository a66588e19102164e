import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { difference, snapshot } from './leaks.mjs';

const script = fileURLToPath(new URL('leaks.mjs', import.meta.url));

test('a run that leaves nothing ends as its command did', () => {
  expect(spawnSync(process.execPath, [script, 'sh', '-c', 'exit 3']).status).toBe(3);
});

test('what a run leaves is named and fails it', () => {
  const left =
    'echo TMPDIR $TMPDIR; touch $TMPDIR/forgotten; exec >&- 2>&-; env -i setsid unshare --uts sleep 30 & echo $! >$TMPDIR/pid';
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, 'sh', '-c', left], { encoding: 'utf8' });
  const dir = /TMPDIR (.*)/.exec(stdout)[1];
  const pid = Number(/process (\d+) sleep 30/.exec(stderr)?.[1]);
  if (pid) process.kill(pid, 'SIGKILL');
  rmSync(dir, { recursive: true });
  expect(status).toBe(1);
  expect(stderr).toMatch(/left behind: process \d+ sleep 30/);
  expect(stderr).toContain(`left behind: temporary file ${dir}/forgotten`);
});

test('mounts, interfaces and processes that were there before are nobody’s fault', async () => {
  const child = spawn('unshare', ['--uts', 'sleep', '30'], { stdio: 'ignore' });
  const exit = once(child, 'exit');
  try {
    const before = snapshot('/nonexistent');
    expect(difference(before, before, 'mark')).toEqual([]);
    expect(before.mounts.size).toBeGreaterThan(0);
    expect([...before.links.values()]).toContain('network interface /sys/class/net/lo');
  } finally {
    child.kill('SIGKILL');
    await exit;
  }
});
