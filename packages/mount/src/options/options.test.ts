import { existsSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  FLAG_OPTIONS,
  formatMountAttributes,
  formatMountFlags,
  MountAttribute,
  MountFlag,
  MountOptionError,
  mountOptionNames,
  mountParameters,
  OPERATION_FLAGS,
  PER_MOUNT_FLAGS,
  PROPAGATION_FLAGS,
  PROPAGATION_OPTIONS,
  parseMountOptions,
  RECURSIVE_OPTIONS,
  SUPERBLOCK_FLAGS,
  splitMountOptions,
  toMountAttributes,
  toSuperblockFlags,
} from './index.ts';

const F = MountFlag;
const A = MountAttribute;
const HEADER = '/usr/include/linux/mount.h';

describe('flag tables', () => {
  it.skipIf(!existsSync(HEADER))('hold every MS_* and MOUNT_ATTR_* flag of linux/mount.h with its value', () => {
    const defined = new Map<string, number>();
    // Masks and sizes are no flags, MS_VERBOSE is the former name of MS_SILENT.
    const skipped = /^(MS_RMT_MASK|MS_MGC_VAL|MS_MGC_MSK|MS_VERBOSE|MOUNT_ATTR_SIZE_VER\d+)$/;
    const define = /^#define\s+((?:MS|MOUNT_ATTR)_\w+)\s+(?:\((\d+)<<(\d+)\)|(0x[\da-f]+|\d+))/gim;
    for (const [, name = '', base, shift, value] of readFileSync(HEADER, 'utf8').matchAll(define))
      if (!skipped.test(name)) defined.set(name, value ? Number(value) : Number(base) * 2 ** Number(shift));
    expect(defined.size).toBeGreaterThan(35);
    expect({ ...MountFlag, ...MountAttribute }).toEqual(Object.fromEntries(defined));
  });

  it('classify each flag once, apart from MS_RDONLY and the flags without a class', () => {
    const masks = [PROPAGATION_FLAGS, OPERATION_FLAGS, PER_MOUNT_FLAGS, SUPERBLOCK_FLAGS];
    const classes = (flag: number) => masks.filter((mask) => (mask & flag) !== 0).length;
    const callers = Object.values(F).filter((flag) => flag < F.MS_KERNMOUNT || flag === F.MS_LAZYTIME);
    const without = [F.MS_SILENT, F.MS_POSIXACL] as readonly number[];
    for (const flag of callers) expect(classes(flag)).toBe(flag === F.MS_RDONLY ? 2 : without.includes(flag) ? 0 : 1);
  });

  it('print as C source', () => {
    expect(formatMountFlags(0)).toBe('0');
    expect(formatMountFlags(14)).toBe('MS_NOSUID|MS_NODEV|MS_NOEXEC');
    expect(formatMountFlags((F.MS_NOUSER | F.MS_REC | 512) >>> 0)).toBe('MS_REC|MS_NOUSER|0x200');
    expect(formatMountAttributes(A.MOUNT_ATTR_STRICTATIME | A.MOUNT_ATTR_RDONLY)).toBe(
      'MOUNT_ATTR_RDONLY|MOUNT_ATTR_STRICTATIME',
    );
    expect(formatMountAttributes(A.MOUNT_ATTR__ATIME | 2)).toBe('MOUNT_ATTR__ATIME|MOUNT_ATTR_NOSUID');
  });
});

describe('parseMountOptions', () => {
  const none = { flags: 0, cleared: 0, propagation: [], recursive: { set: 0, clear: 0 }, data: '' };

  it('separates flags from data', () => {
    expect(parseMountOptions('nosuid,strictatime,mode=755,size=65536k')).toEqual({
      ...none,
      flags: F.MS_NOSUID | F.MS_STRICTATIME,
      cleared: F.MS_NOATIME | F.MS_RELATIME,
      data: 'mode=755,size=65536k',
    });
    expect(parseMountOptions('')).toEqual(none);
    expect(parseMountOptions('defaults')).toEqual(none);
    expect(parseMountOptions(['newinstance', 'ptmxmode=0666,nosuid', 'gid=5'])).toEqual({
      ...none,
      flags: F.MS_NOSUID,
      data: 'newinstance,ptmxmode=0666,gid=5',
    });
  });

  it('lets the last of contradicting options hold and remembers what was turned off', () => {
    expect(parseMountOptions('ro,rw')).toEqual({ ...none, cleared: F.MS_RDONLY });
    expect(parseMountOptions('rw,ro')).toEqual({ ...none, flags: F.MS_RDONLY });
    expect(parseMountOptions('noatime,strictatime').flags).toBe(F.MS_STRICTATIME);
    expect(parseMountOptions('strictatime,noatime').flags).toBe(F.MS_NOATIME);
  });

  it('keeps each propagation change apart, in order', () => {
    const { flags, propagation } = parseMountOptions('rbind,rslave,shared');
    expect(flags).toBe(F.MS_BIND | F.MS_REC);
    expect(propagation).toEqual([F.MS_SLAVE | F.MS_REC, F.MS_SHARED]);
  });

  it('reads recursive options as attributes', () => {
    expect(parseMountOptions('rro,rsuid,rnoatime').recursive).toEqual({
      set: A.MOUNT_ATTR_RDONLY | A.MOUNT_ATTR_NOATIME,
      clear: A.MOUNT_ATTR_NOSUID | A.MOUNT_ATTR__ATIME,
    });
    expect(parseMountOptions('rro,rrw').recursive).toEqual({ set: 0, clear: A.MOUNT_ATTR_RDONLY });
    expect(parseMountOptions('rstrictatime,rrelatime').recursive).toEqual({ set: 0, clear: A.MOUNT_ATTR__ATIME });
    expect([...RECURSIVE_OPTIONS.keys()]).not.toContain('rbind');
  });

  it('takes a flag name with a value for data of the file system', () => {
    expect(parseMountOptions('ro=1,toString,rsize=8192')).toEqual({ ...none, data: 'ro=1,toString,rsize=8192' });
  });

  it('never has a flag on and off at once, and depends on its text alone', () => {
    const option = fc.oneof(
      fc.constantFrom(...Object.keys(FLAG_OPTIONS), ...Object.keys(PROPAGATION_OPTIONS), ...RECURSIVE_OPTIONS.keys()),
      fc.stringMatching(/^[a-z_]{1,6}=[a-z0-9:/]{0,6}$/),
      fc.constant('context="a:b:c0,c1"'),
    );
    fc.assert(
      fc.property(fc.array(option), (list) => {
        const parsed = parseMountOptions(list);
        expect(parsed.flags & parsed.cleared).toBe(0);
        expect(parsed.flags & PROPAGATION_FLAGS).toBe(0);
        const atime = parsed.recursive.clear & A.MOUNT_ATTR__ATIME;
        expect([0, A.MOUNT_ATTR__ATIME]).toContain(atime);
        expect(parsed.recursive.set & parsed.recursive.clear & ~A.MOUNT_ATTR__ATIME).toBe(0);
        expect(parseMountOptions(list.join(','))).toEqual(parsed);
      }),
    );
  });
});

describe('mountOptionNames', () => {
  it('names the numbers of old configuration files', () => {
    expect(mountOptionNames(0)).toEqual([]);
    expect(mountOptionNames(14)).toEqual(['nosuid', 'nodev', 'noexec']);
    expect(mountOptionNames(15)).toEqual(['ro', 'nosuid', 'nodev', 'noexec']);
    expect(mountOptionNames(F.MS_BIND | F.MS_REC | F.MS_RDONLY)).toEqual(['ro', 'rbind']);
    expect(mountOptionNames(F.MS_SLAVE | F.MS_REC)).toEqual(['rslave']);
  });

  it.each([F.MS_MOVE, F.MS_REC, F.MS_REC | F.MS_RDONLY, F.MS_ACTIVE, F.MS_NOUSER, 512, -1, 2 ** 32, 0.5, Number.NaN])(
    'has no name for %d',
    (flags) => {
      expect(() => mountOptionNames(flags)).toThrow(MountOptionError);
    },
  );

  it('is undone by parseMountOptions', () => {
    const nameable = Object.values(FLAG_OPTIONS)
      .map((rule) => rule.set)
      .filter((set) => set !== 0 && (set & (F.MS_NOATIME | F.MS_RELATIME)) === 0);
    fc.assert(
      fc.property(
        fc.subarray(nameable),
        fc.option(fc.constantFrom(...Object.values(PROPAGATION_OPTIONS)), { nil: 0 }),
        (sets, type) => {
          const flags = [...sets, type].reduce((all, set) => all | set, 0);
          const { flags: back, propagation, data } = parseMountOptions(mountOptionNames(flags));
          expect(propagation.reduce((all, one) => all | one, back)).toBe(flags);
          expect(data).toBe('');
        },
      ),
    );
  });
});

describe('toMountAttributes', () => {
  it('clears the whole access time field whenever it changes it', () => {
    expect(toMountAttributes(F.MS_NOATIME | F.MS_NODEV)).toEqual({
      set: A.MOUNT_ATTR_NOATIME | A.MOUNT_ATTR_NODEV,
      clear: A.MOUNT_ATTR__ATIME,
    });
    expect(toMountAttributes(F.MS_RELATIME)).toEqual({ set: 0, clear: A.MOUNT_ATTR__ATIME });
    expect(toMountAttributes(0, F.MS_NOATIME | F.MS_RDONLY)).toEqual({
      set: 0,
      clear: A.MOUNT_ATTR__ATIME | A.MOUNT_ATTR_RDONLY,
    });
  });

  it('lets strictatime win over noatime, as mount(2) does', () => {
    expect(toMountAttributes(F.MS_NOATIME | F.MS_STRICTATIME).set).toBe(A.MOUNT_ATTR_STRICTATIME);
  });

  it('passes over everything that is not a per-mount flag', () => {
    expect(toMountAttributes(~PER_MOUNT_FLAGS >>> 0, ~PER_MOUNT_FLAGS >>> 0)).toEqual({ set: 0, clear: 0 });
    expect(toMountAttributes(PER_MOUNT_FLAGS & ~F.MS_STRICTATIME).set).toBe(0x2000ff & ~0x60);
  });
});

describe('toSuperblockFlags', () => {
  it('names what is turned on and off', () => {
    expect(toSuperblockFlags(F.MS_RDONLY | F.MS_SYNCHRONOUS | F.MS_LAZYTIME | F.MS_NOSUID | F.MS_SILENT)).toEqual([
      'ro',
      'sync',
      'lazytime',
    ]);
    expect(toSuperblockFlags(F.MS_DIRSYNC, F.MS_RDONLY | F.MS_DIRSYNC | F.MS_MANDLOCK)).toEqual([
      'rw',
      'dirsync',
      'nomand',
    ]);
  });
});

describe('option texts', () => {
  it('split at commas outside of quoted values', () => {
    expect(splitMountOptions('context="system_u:object_r:a_t:s0:c1,c2",size=1k,,')).toEqual([
      'context="system_u:object_r:a_t:s0:c1,c2"',
      'size=1k',
    ]);
    expect(splitMountOptions('lowerdir=/a\\,b:/c,upperdir=/d"e,x')).toEqual([
      'lowerdir=/a\\,b:/c',
      'upperdir=/d"e',
      'x',
    ]);
    expect(splitMountOptions('a\\')).toEqual(['a\\']);
  });

  it('refuse a quote without its end, and NUL', () => {
    expect(() => splitMountOptions('context="a,b')).toThrow(MountOptionError);
    expect(() => splitMountOptions('a\0b')).toThrow(/NUL/);
  });

  it('become fsconfig parameters', () => {
    expect(mountParameters('mode=755,context="a:b:c0,c1",noswap,x=,y="a"b')).toEqual([
      { name: 'mode', value: '755' },
      { name: 'context', value: 'a:b:c0,c1' },
      { name: 'noswap' },
      { name: 'x', value: '' },
      { name: 'y', value: '"a"b' },
    ]);
    expect(() => mountParameters('=1')).toThrow(MountOptionError);
  });

  it('are split without losing anything but empty options', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('a', ',', '\\', '=', 'b', ' '), { maxLength: 30 }), (chars) => {
        const text = chars.join('');
        const parts = splitMountOptions(text);
        expect(parts.every((part) => part !== '')).toBe(true);
        expect(splitMountOptions(parts.join(','))).toEqual(parts);
        expect(parts.join('').replaceAll(',', '')).toBe(text.replaceAll(',', ''));
      }),
    );
  });
});
