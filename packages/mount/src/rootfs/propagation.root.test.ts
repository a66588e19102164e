import { AT_FDCWD, type Cell, type ProgramBuilder } from '@nsinit/syscall';
import { describe, expect, it } from 'vitest';
import { ordinaryDevices, ordinaryMounts, runContainer, sandbox } from './fixtures/container.ts';

/**
 * Makes another mount namespace whose mounts are shared with those of this one, as on a host with systemd, and keeps a
 * process in it. The descriptor is of its root.
 */
function sharedHost(b: ProgramBuilder): Cell<'fd'> {
  const parent = b.label('parent');
  b.call('mount', {
    source: null,
    target: '/',
    filesystemtype: null,
    mountflags: ['MS_REC', 'MS_SHARED'],
    data: null,
  });
  const host = b.call('openat', { dirfd: AT_FDCWD, pathname: '/', flags: ['O_PATH', 'O_CLOEXEC'] });
  const pid = b.call('clone3', { cl_args: { exit_signal: 17 } });
  b.branch(pid, '!=', 0, parent);
  b.call('ppoll', { fds: b.zeros(8, 'none'), nfds: 0, tmo: null });
  b.place(parent);
  b.call('unshare', { flags: ['CLONE_NEWNS'] });
  return host;
}

describe('a host whose mounts are shared', () => {
  for (const privateFs of [false, true])
    it(`is left as it is, privateFs ${privateFs}`, async () => {
      using box = sandbox();
      let host: Cell<'fd'>;
      const { output } = await runContainer({
        config: {
          rootfs: box.rootfs,
          mounts: ordinaryMounts,
          devices: ordinaryDevices,
          privateFs,
          readonlyPaths: ['/proc/sys'],
        },
        first: (b) => {
          host = sharedHost(b);
        },
        last: (b) => {
          const inside = `${box.rootfs.slice(1)}/proc/version`;
          const gone = b.label();
          // The old root was detached here alone, and no mount of the container has gone there.
          b.call('openat', { dirfd: host, pathname: 'proc/version', flags: ['O_PATH', 'O_CLOEXEC'] });
          const args = { dirfd: host, pathname: inside, flags: ['O_PATH', 'O_CLOEXEC'] } as const;
          b.call('openat', args, { on: { ENOENT: gone } });
          b.fail({ what: 'the host sees a mount of the container', errno: 1 });
          b.place(gone);
        },
        script: 'while read -r _ _ _ _ place _ rest; do echo "$place $rest"; done < /proc/self/mountinfo',
      });
      const own = output.split('\n').find((line) => line.startsWith('/ '));
      expect(own).toMatch(privateFs ? /^\/ - / : /^\/ master:\d+ - /);
      expect(output).not.toContain('shared:');
    });
});
