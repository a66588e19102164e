import { watch } from 'node:fs';
import { describe, vi } from 'vitest';
import { cgroupMountTests } from './testing/cgroup-mount.ts';
import { useSandbox } from './testing/sandbox.ts';

// The event loop opens its inotify descriptor at the first watch and keeps it.
watch('/proc/self').close();

const box = useSandbox();

// The connection to the bus is kept for a moment: it is closed before descriptors are counted.
vi.setConfig({ hookTimeout: 300_000 });

describe.for(['cgroupfs', 'systemd'] as const)('a mount of control groups that %s keeps', (driver) => {
  cgroupMountTests(box, driver, `nsinit-test-${process.pid}`);
});
