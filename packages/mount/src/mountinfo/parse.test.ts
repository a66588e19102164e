import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MountinfoError, parseMountinfo, readMountinfo } from './index.ts';

const recorded = (view: string) =>
  parseMountinfo(readFileSync(new URL(`./fixtures/linux-6.18-${view}.mountinfo`, import.meta.url), 'utf8'));

const one = (line: string) => {
  const entries = parseMountinfo(`${line}\n`);
  expect(entries).toHaveLength(1);
  return entries[0]!;
};

describe('parseMountinfo on text of Linux 6.18', () => {
  const world = recorded('world');
  const at = (mountPoint: string) => world.find((entry) => entry.mountPoint === mountPoint);

  it('reads every field', () => {
    expect(world).toHaveLength(31);
    expect(at('/attributes')).toEqual({
      id: 89,
      parentId: 63,
      major: 0,
      minor: 55,
      root: '/',
      mountPoint: '/attributes',
      mountOptions: ['ro', 'nosuid', 'nodev', 'noexec', 'noatime', 'nodiratime', 'nosymfollow'],
      propagation: { unbindable: false, unknown: [] },
      fsType: 'tmpfs',
      source: 'attributes',
      superOptions: ['ro'],
    });
  });

  it.each(['with blank', 'with\ttab', 'back\\slash', 'line\nfeed', '#hash', 'carriage\rx', 'quo"te', 'com,ma', '-'])(
    'decodes the name %j as mount point and as source',
    (name) => {
      expect(at(`/${name}`)?.source).toBe(name);
    },
  );

  it('reads propagation', () => {
    const quiet = { unbindable: false, unknown: [] };
    expect(at('/')?.propagation).toEqual(quiet);
    expect(at('/shared')?.propagation).toEqual({ ...quiet, shared: 1 });
    expect(at('/slave')?.propagation).toEqual({ ...quiet, master: 1 });
    expect(at('/slave-shared')?.propagation).toEqual({ ...quiet, shared: 2, master: 1 });
    expect(at('/unbindable')?.propagation).toEqual({ ...quiet, unbindable: true });
    const inner = recorded('chroot').find((entry) => entry.mountPoint === '/inner');
    expect(inner?.propagation).toEqual({ ...quiet, master: 4, propagateFrom: 3 });
  });

  it('reads roots of bind mounts', () => {
    expect(at('/bound')?.root).toBe('/tree/sub');
    expect(at('/bound-file')?.root).toBe('/file');
    expect(at('/deleted')?.root).toBe('/gone//deleted');
    expect(at('/net')?.root).toMatch(/^net:\[\d+\]$/);
  });

  it('splits file system options at commas that are not part of a name', () => {
    expect(at('/merged')?.superOptions).toEqual([
      'rw',
      'lowerdir=lower',
      'upperdir=upper\\,1/data',
      'workdir=upper\\,1/work',
      'uuid=on',
    ]);
  });
});

describe('parseMountinfo on oddities of other kernels', () => {
  it('accepts an empty source', () => {
    expect(one('36 35 0:40 / /mnt rw,relatime - tmpfs  rw,size=1k')).toMatchObject({
      source: '',
      superOptions: ['rw', 'size=1k'],
    });
  });

  it('accepts blanks in the last field', () => {
    const { source, superOptions } = one(
      '31 21 0:23 / /share rw - cifs //host/My\\040Docs rw,unc=//host/My Docs,uid=0',
    );
    expect(source).toBe('//host/My Docs');
    expect(superOptions).toEqual(['rw', 'unc=//host/My Docs', 'uid=0']);
  });

  it('keeps a quoted SELinux context whole, and splits at commas after any other quote', () => {
    expect(one('1 1 0:2 / / rw - tmpfs t rw,context="u:r:t:s0:c1,c2",size=1k').superOptions).toEqual([
      'rw',
      'context="u:r:t:s0:c1,c2"',
      'size=1k',
    ]);
    expect(one('1 1 0:2 / / rw - overlay o rw,lowerdir=/a"b,upperdir="/c').superOptions).toEqual([
      'rw',
      'lowerdir=/a"b',
      'upperdir="/c',
    ]);
  });

  it('keeps unknown tags, whatever they look like', () => {
    const { propagation } = one('1 1 0:2 / / rw shared:3 future:7 lonely toString:1 - tmpfs t rw');
    expect(propagation).toEqual({ shared: 3, unbindable: false, unknown: ['future:7', 'lonely', 'toString:1'] });
  });

  it('reads cgroup roots outside of the cgroup namespace', () => {
    expect(one('42 32 0:38 /../../.. /sys/fs/cgroup rw shared:9 - cgroup2 cgroup2 rw,nsdelegate').root).toBe(
      '/../../..',
    );
  });

  it('leaves a backslash alone that begins no escape', () => {
    expect(one('1 1 0:2 / /a\\04x\\9\\377 rw - tmpfs C:\\134Users rw').mountPoint).toBe('/a\\04x\\9\\377');
  });
});

describe('parseMountinfo on other text', () => {
  it('finds nothing in an empty text', () => {
    expect(parseMountinfo('')).toEqual([]);
  });

  it.each([
    ['too few fields', '36 35 98:0 / /mnt'],
    ['no separator', '36 35 98:0 / /mnt rw shared:1 ext4 /dev/sda rw'],
    ['a separator among the first fields', '36 - 98:0 / /mnt rw ext4 /dev/sda rw'],
    ['nothing after the source', '36 35 98:0 / /mnt rw - ext4 /dev/sda'],
    ['an id that is no number', 'x 35 98:0 / /mnt rw - ext4 /dev/sda rw'],
    ['a negative parent', '36 -1 98:0 / /mnt rw - ext4 /dev/sda rw'],
    ['a device without minor', '36 35 98 / /mnt rw - ext4 /dev/sda rw'],
    ['a device of three numbers', '36 35 98:0:1 / /mnt rw - ext4 /dev/sda rw'],
    ['a peer group that is no number', '36 35 98:0 / /mnt rw shared:x - ext4 /dev/sda rw'],
    ['an empty mount point', '36 35 98:0 /  rw - ext4 /dev/sda rw'],
    ['an empty type', '36 35 98:0 / /mnt rw -  /dev/sda rw'],
  ])('refuses %s and names the line', (_, line) => {
    const text = `1 1 0:2 / / rw - tmpfs t rw\n${line}\n`;
    expect(() => parseMountinfo(text)).toThrow(/^mountinfo line 2: /);
    expect(() => parseMountinfo(text)).toThrow(MountinfoError);
  });

  it('reads back what a kernel would write', () => {
    const mangle = (name: string) =>
      name.replace(/[ \t\n\\#]/g, (char) => `\\${char.charCodeAt(0).toString(8).padStart(3, '0')}`);
    const name = fc.string({
      minLength: 1,
      unit: fc.constantFrom('a', ' ', '\t', '\n', '\\', '#', 'é', '\r', '0', '"', ','),
    });
    const number = fc.nat();
    fc.assert(
      fc.property(
        fc.record({
          id: number,
          parentId: number,
          major: number,
          minor: number,
          root: name,
          mountPoint: name,
          source: name,
        }),
        fc.option(number, { nil: undefined }),
        (fields, shared) => {
          const tag = shared === undefined ? '' : ` shared:${shared}`;
          const { id, parentId, major, minor, root, mountPoint, source } = fields;
          const line = `${id} ${parentId} ${major}:${minor} ${mangle(root)} ${mangle(mountPoint)} rw,nodev${tag} - tmpfs ${mangle(source)} rw`;
          const entry = one(line);
          expect(entry).toMatchObject(fields);
          expect(entry.propagation.shared).toBe(shared);
        },
      ),
    );
  });

  it('answers any text with entries or a MountinfoError', () => {
    const word = fc.constantFrom(
      '1',
      '0:2',
      '/',
      '-',
      'rw',
      'tmpfs',
      '',
      'shared:1',
      'shared:',
      'context="',
      '\\0',
      'x,y',
    );
    fc.assert(
      fc.property(fc.array(word, { maxLength: 16 }), (words) => {
        try {
          for (const entry of parseMountinfo(words.join(' '))) expect(entry.mountPoint).not.toBe('');
        } catch (error) {
          expect(error).toBeInstanceOf(MountinfoError);
        }
      }),
      { numRuns: 1000 },
    );
  });
});

describe('readMountinfo', () => {
  it('reads the running process, by name and by id', () => {
    const root = readMountinfo('self').find((entry) => entry.mountPoint === '/proc');
    expect(root?.fsType).toBe('proc');
    expect(readMountinfo(process.pid).map((entry) => entry.id)).toEqual(
      readMountinfo('thread-self').map((entry) => entry.id),
    );
  });

  it('names the file that it cannot read', () => {
    // One more than the greatest possible process id (PID_MAX_LIMIT).
    expect(() => readMountinfo(4194305)).toThrow(/^read \/proc\/4194305\/mountinfo: ENOENT/);
    for (const pid of [0, -1, 1.5, Number.NaN]) expect(() => readMountinfo(pid)).toThrow(MountinfoError);
  });
});
