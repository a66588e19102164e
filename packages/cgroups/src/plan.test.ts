import { describe, expect, it } from 'vitest';
import { layoutFrom } from './layout/layout.ts';
import { planGroup } from './plan.ts';

const v1 = (controllers: string) => `30 1 0:1 / /sys/fs/cgroup/${controllers} rw - cgroup cgroup rw,${controllers}\n`;
const v2 = '40 1 0:2 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n';
const options = (mountinfo: string) => ({
  layout: layoutFrom(mountinfo, () => 'cpu memory pids cpuset io'),
  memberships: [],
  parent: '/nsinit',
  name: 'one',
});

describe('a plan', () => {
  it('of v1 makes the group of each hierarchy, limits it and moves the process', () => {
    const steps = planGroup(
      { ...options(v1('memory') + v1('pids')), resources: { memory: 1 << 20, pidsLimit: 5 } },
      'cgroupfs',
    );
    expect(steps.map(({ text }) => text)).toEqual([
      'mkdir -p /sys/fs/cgroup/memory/nsinit/one',
      "echo '1048576' > /sys/fs/cgroup/memory/nsinit/one/memory.limit_in_bytes",
      'echo PID > /sys/fs/cgroup/memory/nsinit/one/cgroup.procs',
      'mkdir -p /sys/fs/cgroup/pids/nsinit/one',
      "echo '5' > /sys/fs/cgroup/pids/nsinit/one/pids.max",
      'echo PID > /sys/fs/cgroup/pids/nsinit/one/cgroup.procs',
    ]);
    expect(steps.map(({ field }) => field)).toEqual([
      undefined,
      'memory',
      undefined,
      undefined,
      'pidsLimit',
      undefined,
    ]);
  });

  it('of v2 tells of the program for devices', () => {
    const resources = { cpuShares: 512, allowAllDevices: false, allowedDevices: [] };
    expect(planGroup({ ...options(v2), resources }, 'cgroupfs').map(({ text }) => text)).toEqual([
      'mkdir -p /sys/fs/cgroup/nsinit/one',
      "echo '59' > /sys/fs/cgroup/nsinit/one/cpu.weight",
      expect.stringMatching(
        /^bpftool cgroup attach \/sys\/fs\/cgroup\/nsinit\/one device id … {2}\(\d+ instructions\)$/,
      ),
      'echo PID > /sys/fs/cgroup/nsinit/one/cgroup.procs',
    ]);
  });

  it('of systemd names scope and slice', () => {
    const [step, ...more] = planGroup({ ...options(v2), slice: 'machine.slice' }, 'systemd');
    expect(more).toEqual([]);
    expect(step).toMatchObject({
      text: expect.stringContaining('StartTransientUnit nsinit-one.scope fail'),
      what: expect.stringContaining('machine.slice'),
    });
  });

  it('refuses what the host cannot limit', () => {
    expect(() => planGroup({ ...options(v1('pids')), resources: { memory: 1 << 20 } }, 'cgroupfs')).toThrow('memory');
  });
});
