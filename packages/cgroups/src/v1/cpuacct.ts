import type { Controller } from '../controller.ts';
import { lines, parseFlatKeyed, parseUint } from '../text/parse.ts';

/** USER_HZ is 100 in the interface of every architecture of ours: include/asm-generic/param.h */
const nanosecondsPerTick = 1_000_000_000n / 100n;

/** The cpuacct controller: Documentation/admin-guide/cgroup-v1/cpuacct.rst */
export const cpuacct: Controller = {
  name: 'cpuacct',
  writes: () => [],
  stats: (group, into) => {
    const totalNs = group.tryValue('cpuacct.usage', parseUint);
    if (totalNs === undefined) return;
    const ticks = group.value('cpuacct.stat', parseFlatKeyed);
    const perCpuNs = group.tryValue('cpuacct.usage_percpu', (text) =>
      lines(text).join(' ').split(/\s+/).map(parseUint),
    );
    into.cpu = {
      ...into.cpu,
      usage: {
        totalNs,
        ...(perCpuNs && { perCpuNs }),
        kernelNs: (ticks['system'] ?? 0n) * nanosecondsPerTick,
        userNs: (ticks['user'] ?? 0n) * nanosecondsPerTick,
      },
    };
  },
};
