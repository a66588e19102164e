import { describe, expect, it } from 'vitest';
import { parseMountinfo } from '../mountinfo/index.ts';
import { cgroupHierarchies } from './hierarchies.ts';

const found = (...lines: string[]) => cgroupHierarchies(parseMountinfo(`${lines.join('\n')}\n`));
const v1 = (place: string, options: string) => `31 23 0:28 / /sys/fs/cgroup/${place} rw - cgroup cgroup ${options}`;

describe('cgroupHierarchies', () => {
  it('finds version 2 alone', () => {
    expect(found('30 23 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw,nsdelegate')).toEqual([
      { version: 2, controllers: [], name: undefined },
    ]);
  });

  it('tells controllers and names from other options', () => {
    expect(
      found(
        v1('systemd', 'rw,xattr,release_agent=/lib/agent,name=systemd'),
        v1('cpu,cpuacct', 'rw,cpu,cpuacct,clone_children'),
        v1('x', 'rw,seclabel,pids,name=both'),
      ),
    ).toEqual([
      { version: 1, controllers: [], name: 'systemd' },
      { version: 1, controllers: ['cpu', 'cpuacct'], name: undefined },
      { version: 1, controllers: ['pids'], name: 'both' },
    ]);
  });

  it('gives each once, version 2 last, and nothing else', () => {
    expect(
      found(
        '29 23 0:25 / /sys/fs/cgroup rw - tmpfs tmpfs rw,mode=755',
        '30 29 0:26 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw',
        v1('memory', 'rw,memory'),
        '39 23 0:28 /docker/1 /mnt rw - cgroup cgroup rw,memory',
      ),
    ).toEqual([
      { version: 1, controllers: ['memory'], name: undefined },
      { version: 2, controllers: [], name: undefined },
    ]);
  });
});
