import { parseMountinfo } from '@nsinit/mount';
import { describe, expect, it } from 'vitest';
import { dumpedMounts, externalMounts, restoredMounts } from './mounts.ts';

const host = parseMountinfo(`20 1 8:1 / / rw - ext4 /dev/sda1 rw
21 20 8:2 / /srv rw - ext4 /dev/sda2 rw
22 20 0:5 / /dev rw - devtmpfs dev rw
23 20 0:6 / /sys rw - sysfs sysfs rw
24 21 0:7 / /srv/data/below rw - tmpfs tmpfs rw
`);
const inside = parseMountinfo(`40 39 8:2 /rootfs / rw - ext4 /dev/sda2 rw
41 40 0:30 / /proc rw - proc proc rw
42 40 0:31 / /dev rw - tmpfs tmpfs rw
43 42 0:5 /null /dev/null rw - devtmpfs dev rw
44 40 0:6 / /sys ro - sysfs sysfs ro
45 40 8:2 /data /data rw - ext4 /dev/sda2 rw
46 45 0:7 / /data/below rw - tmpfs tmpfs rw
47 40 8:1 /etc/hosts /etc/hosts rw - ext4 /dev/sda1 rw
`);
const bind = (source: string, destination: string) => ({ device: 'bind', source, destination, flags: 0x1000 });
const config = { mounts: [bind('/srv/data', '/data/')] };

describe('external mounts', () => {
  const records = externalMounts(config, inside, host);

  it('are those of the host, but for the root and what is mounted anew', () => {
    expect(records).toEqual([
      { mountPoint: '/dev/null', source: '/dev/null' },
      { mountPoint: '/data', source: '/srv/data', destination: '/data/' },
      { mountPoint: '/data/below', source: '/srv/data/below', destination: '/data/' },
      { mountPoint: '/etc/hosts', source: '/etc/hosts' },
    ]);
    expect(dumpedMounts(records)[1]).toEqual({ key: '/data', value: '/data' });
  });

  it('are found where the configuration has them at the restore', () => {
    expect(restoredMounts({ mounts: [bind('/other', '/data')] }, records)).toEqual([
      { key: '/dev/null', value: '/dev/null' },
      { key: '/data', value: '/other' },
      { key: '/data/below', value: '/other/below' },
      { key: '/etc/hosts', value: '/etc/hosts' },
    ]);
  });

  it('are the bind mounts of the configuration for images of others', () => {
    expect(restoredMounts(config, undefined)).toEqual([{ key: '/data', value: '/srv/data' }]);
  });
});
