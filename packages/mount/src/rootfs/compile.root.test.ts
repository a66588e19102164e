import { describe, expect, it } from 'vitest';
import { ordinaryDevices, ordinaryMounts, runContainer, sandbox } from './fixtures/container.ts';

describe('an ordinary container', () => {
  it('has the mounts, devices and links of its configuration and nothing else', async () => {
    using box = sandbox();
    const { output, exitCode } = await runContainer({
      config: {
        rootfs: box.rootfs,
        mounts: ordinaryMounts,
        devices: ordinaryDevices,
        readonlyPaths: ['/proc/sys', '/proc/sysrq-trigger', '/proc/irq', '/proc/bus'],
        maskPaths: ['/proc/kcore'],
      },
      options: { nullStdio: [0], kcore: true },
      script: 'cat /proc/self/mountinfo; ls -l /dev /dev/pts /; stat -c %F:%t:%T /proc/kcore; umask; pwd; ls -l /proc/self/fd',
    });
    console.log(output);
    expect(exitCode).toBe(0);
  });
});
