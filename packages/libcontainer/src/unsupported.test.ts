import { type Config, template } from '@nsinit/config';
import { describe, expect, it } from 'vitest';
import { checkSupported } from './unsupported.ts';

const config = (changes: Partial<Config> = {}): Config => ({ ...template({ rootfs: '/' }), ...changes });

describe('checkSupported', () => {
  it('lets the template pass', () => {
    expect(() => checkSupported(config())).not.toThrow();
  });

  it.for<[string, Partial<Config>]>([
    [
      'mounts[1]',
      {
        mounts: [
          { source: 'tmpfs', destination: '/tmp', device: 'tmpfs', flags: 0 },
          { source: 'cgroup', destination: '/sys/fs/cgroup', device: 'cgroup', flags: 0 },
        ],
      },
    ],
  ])('refuses %s by name', ([field, changes]) => {
    expect(() => checkSupported(config(changes))).toThrow(
      expect.objectContaining({ code: 'ConfigInvalid', field, hint: expect.stringContaining(field) }),
    );
  });
});
