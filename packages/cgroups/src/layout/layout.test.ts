import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { controllerMountPoint, hierarchyOf, layoutFrom, parseProcCgroups } from './layout.ts';
import { parseCgroupMounts } from './mountinfo.ts';
import { membershipPath, parseProcCgroup } from './proc-cgroup.ts';

const fixture = (name: string) => readFileSync(new URL(`./fixtures/${name}`, import.meta.url), 'utf8');

describe('layoutFrom', () => {
  it('sees which side of a hybrid host has a controller', () => {
    const layout = layoutFrom(fixture('hybrid-6.18.mountinfo'), (mountPoint) => {
      expect(mountPoint).toBe('/sys/fs/cgroup/unified');
      return 'hugetlb\n';
    });
    expect(layout.kind).toBe('hybrid');
    expect(layout.v1.map(({ controllers }) => controllers.join())).toEqual([
      'cpu',
      'cpuacct',
      'cpuset',
      'memory',
      'devices',
      'freezer',
      'blkio',
      'pids',
      'name=systemd',
    ]);
    expect(hierarchyOf(layout, 'hugetlb')).toMatchObject({ version: 2, mountPoint: '/sys/fs/cgroup/unified' });
    expect(hierarchyOf(layout, 'memory')).toMatchObject({ version: 1, mountPoint: '/sys/fs/cgroup/memory' });
    expect(controllerMountPoint(layout, 'blkio')).toBe('/sys/fs/cgroup/blkio');
    expect(() => controllerMountPoint(layout, 'rdma')).toThrow('mountpoint for rdma not found');
  });

  it('sees v1, with controllers that share a hierarchy and a part of it mounted', () => {
    const layout = layoutFrom(fixture('v1-docker.mountinfo'), () => '');
    expect(layout).toMatchObject({ kind: 'v1', v2: undefined });
    expect(layout.v1[0]).toEqual({
      version: 1,
      controllers: ['name=systemd'],
      mountPoint: '/sys/fs/cgroup/systemd',
      root: '/docker/1fa2',
    });
    expect(hierarchyOf(layout, 'cpuacct')?.controllers).toEqual(['cpu', 'cpuacct']);
  });

  it('sees v2', () => {
    const layout = layoutFrom(fixture('v2-systemd.mountinfo'), () => 'cpuset cpu io memory hugetlb pids rdma misc\n');
    expect(layout).toMatchObject({ kind: 'v2', v1: [] });
    expect(hierarchyOf(layout, 'io')).toBe(layout.v2);
  });

  it('sees nothing where nothing is', () => {
    expect(layoutFrom('', () => '').kind).toBe('none');
    expect(layoutFrom('22 1 254:0 / / rw - ext4 /dev/cgroup rw,cpu\n', () => '').kind).toBe('none');
  });
});

it('decodes blanks in mount points', () => {
  const line = '31 23 0:28 / /sys/fs/with\\040blank rw,relatime - cgroup cgroup rw,cpu';
  expect(parseCgroupMounts(line)[0]?.mountPoint).toBe('/sys/fs/with blank');
});

const old = `10:hugetlb:/
9:perf_event:/
8:net_cls,net_prio:/
7:freezer:/a:b
6:blkio:/
5:devices:/
4:cpuacct,cpu:/
3:memory:/
2:cpuset:/
1:name=systemd:/user.slice/user-1000.slice/session-16.scope
0::/user.slice`;

describe('parseProcCgroup', () => {
  it('finds each controller', () => {
    const memberships = parseProcCgroup(old);
    expect(membershipPath(memberships, 'blkio')).toBe('/');
    expect(membershipPath(memberships, 'cpu')).toBe('/');
    expect(membershipPath(memberships, 'net_prio')).toBe('/');
    expect(membershipPath(memberships, 'name=systemd')).toBe('/user.slice/user-1000.slice/session-16.scope');
    expect(membershipPath(memberships, 'rdma')).toBeUndefined();
  });

  it('keeps colons of a path, and knows cgroup v2', () => {
    expect(membershipPath(parseProcCgroup(old), 'freezer')).toBe('/a:b');
    expect(membershipPath(parseProcCgroup('0::/\n'), '')).toBe('/');
    expect(membershipPath(parseProcCgroup(fixture('hybrid-6.18.cgroup')), 'memory')).toBe('/service/job-1');
  });

  it.each(['4:cpu', 'x:cpu:/', '4:cpu:relative', ':::'])('refuses %j', (line) => {
    expect(() => parseProcCgroup(line)).toThrow('is not hierarchy:controllers:path');
  });

  it('reads what it writes', () => {
    const path = fc.stringMatching(/^\/[^\n]{0,20}[^\s]$/);
    fc.assert(
      fc.property(path, (text) => membershipPath(parseProcCgroup(`3:cpu,cpuacct:${text}\n`), 'cpuacct') === text),
    );
  });
});

it('lists controllers that are on', () => {
  const text = '#subsys_name\thierarchy\tnum_cgroups\tenabled\ncpuset\t3\t1\t1\nmemory\t0\t1\t0\n';
  expect(parseProcCgroups(text)).toEqual(['cpuset']);
});
