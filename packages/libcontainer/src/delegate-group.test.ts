import { type Config, type Mount, template } from '@nsinit/config';
import { expect, it } from 'vitest';
import { refuseForeignGroup } from './delegate-group.ts';

const cgroup: Mount = { source: 'cgroup', destination: '/sys/fs/cgroup', device: 'cgroup', flags: 0 };
const config = (data?: string): Config => ({
  ...template({ rootfs: '/' }),
  mounts: [{ ...cgroup, ...(data === undefined ? {} : { data }) }],
});
const starters = { directory: undefined, mustApply: false };

it('refuses to make the group of the starter writable, and no other', () => {
  expect(() => refuseForeignGroup(config('rw'), starters)).toThrow(
    expect.objectContaining({ code: 'ConfigInvalid', field: 'mounts[0]' }),
  );
  expect(() => refuseForeignGroup(config(), starters)).not.toThrow();
  expect(() => refuseForeignGroup(config('rw'), { ...starters, mustApply: true })).not.toThrow();
});
