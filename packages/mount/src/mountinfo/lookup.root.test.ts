import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, readFileSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { mountpointOf, readMountinfo } from './index.ts';

// fcntl.h, the same on x86-64 and arm64; Node does not name them.
const O_PATH = 0o10000000;
const O_CLOEXEC = 0o2000000;
const O_NOFOLLOW = 0o400000;

/** Which mount the running kernel finds at a path. */
function mountId(path: string): number {
  const fd = openSync(path, O_PATH | O_CLOEXEC | (path.endsWith('/') ? 0 : O_NOFOLLOW));
  try {
    return Number(/^mnt_id:\s*(\d+)$/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8'))?.[1]);
  } finally {
    closeSync(fd);
  }
}

const script = fileURLToPath(new URL('./fixtures/world.sh', import.meta.url));

it.each(['world', 'chroot', 'overmounted'])(
  'mountpointOf agrees with the running kernel in the view %s',
  async (view) => {
    const directory = mkdtempSync(join(tmpdir(), 'mountinfo-'));
    const world = spawn('unshare', ['-m', '--propagation', 'private', 'sh', script, directory, view], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const ended = once(world, 'exit');
    try {
      const ready = await Promise.race([once(world.stdout, 'data'), ended.then(([code]) => [`exit code ${code}`])]);
      expect(String(ready[0])).toBe('ready\n');
      const pid = world.pid!;
      const entries = readMountinfo(pid);
      const listed = new Set(entries.map((entry) => entry.id));
      const own = readMountinfo('self').map((entry) => entry.mountPoint);
      expect(own.some((mountPoint) => mountPoint.startsWith(directory))).toBe(false);

      for (const path of new Set(['/', '/stack/in', '/data/inner', ...entries.map((entry) => entry.mountPoint)])) {
        let id: number;
        try {
          id = mountId(`/proc/${pid}/root${path}`);
        } catch (error) {
          // Only names of the one view that are absent from another may fail.
          expect((error as NodeJS.ErrnoException).code).toBe('ENOENT');
          expect(['/stack/in', '/data/inner']).toContain(path);
          continue;
        }
        expect([path, mountpointOf(entries, path)?.id]).toEqual([path, listed.has(id) ? id : undefined]);
      }
    } finally {
      world.stdin.end('\n');
      await ended;
      rmdirSync(directory);
    }
  },
);
