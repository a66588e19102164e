import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isMountpoint, MountinfoError, mountpointOf, parseMountinfo, submounts } from './index.ts';

const fixture = (name: string) => readFileSync(new URL(`./fixtures/linux-6.18-${name}`, import.meta.url), 'utf8');
const recorded = (view: string) => parseMountinfo(fixture(`${view}.mountinfo`));

describe('mountpointOf', () => {
  it.each(['world', 'chroot', 'overmounted'])('agrees with the kernel in the recorded view %s', (view) => {
    const entries = recorded(view);
    // Recorded with the mountinfo: the mnt_id in /proc/<pid>/fdinfo of a file opened by that path.
    const ids = JSON.parse(fixture(`${view}.mount-ids.json`)) as Record<string, number>;
    const listed = new Set(entries.map((entry) => entry.id));
    for (const [path, id] of Object.entries(ids)) {
      const expected = listed.has(id) ? id : undefined;
      expect([path, mountpointOf(entries, path)?.id]).toEqual([path, expected]);
    }
    expect(Object.keys(ids).length).toBeGreaterThan(4);
  });

  it('takes whole components, and forgives doubled and closing slashes', () => {
    const entries = recorded('world');
    expect(mountpointOf(entries, '/stackless')?.mountPoint).toBe('/');
    expect(mountpointOf(entries, '//stack/./in//')?.source).toBe('upper-stack');
  });

  it('refuses paths that it cannot place', () => {
    for (const path of ['', 'proc', './proc', '/proc/../etc', '/..'])
      expect(() => mountpointOf(recorded('world'), path)).toThrow(MountinfoError);
  });

  it('ends on any list, with a mount that holds the path', () => {
    const path = fc.constantFrom('/', '/a', '/a/b', '/ab', '/a/b/c');
    const line = fc
      .tuple(fc.nat(4), fc.nat(4), path)
      .map(([id, parent, at]) => `${id} ${parent} 0:1 / ${at} rw - tmpfs t rw`);
    fc.assert(
      fc.property(fc.array(line, { maxLength: 8 }), path, (lines, target) => {
        const entries = parseMountinfo(lines.join('\n'));
        const found = mountpointOf(entries, target);
        if (found) expect(`${target}/`.startsWith(found.mountPoint === '/' ? '/' : `${found.mountPoint}/`)).toBe(true);
        const below = submounts(entries, target);
        expect(new Set(below).size).toBe(below.length);
      }),
      { numRuns: 500 },
    );
  });
});

describe('isMountpoint', () => {
  it('knows visible mounts, bound files and the root', () => {
    const entries = recorded('world');
    for (const path of ['/', '/bound-file', '/stack', '/parent/child', '/line\nfeed'])
      expect(isMountpoint(entries, path)).toBe(true);
    for (const path of ['/tree', '/stack/in', '/nowhere']) expect(isMountpoint(entries, path)).toBe(false);
    expect(isMountpoint(recorded('chroot'), '/')).toBe(false);
  });
});

describe('submounts', () => {
  const paths = (path: string) => submounts(recorded('world'), path).map((entry) => entry.mountPoint);

  it('lists what lies below, hidden mounts too, without the path itself', () => {
    expect(paths('/stack')).toEqual(['/stack/in']);
    expect(paths('/jail')).toEqual(['/jail/outer', '/jail/inner', '/jail/data']);
    expect(paths('/proc')).toEqual([]);
    expect(paths('/')).toHaveLength(30);
  });

  it('puts a mount after the one that carries it, also where the list does not', () => {
    expect(
      recorded('world')
        .map((entry) => entry.mountPoint)
        .indexOf('/parent/child'),
    ).toBeLessThan(
      recorded('world')
        .map((entry) => entry.mountPoint)
        .indexOf('/parent'),
    );
    expect(paths('/').indexOf('/parent')).toBeLessThan(paths('/').indexOf('/parent/child'));
  });
});
