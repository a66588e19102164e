import { type Controller, type GroupView, given } from '../controller.ts';
import type { Group } from '../fs/group.ts';
import type { Write } from '../fs/write.ts';
import type { Resources } from '../resources.ts';
import type { MemoryUsage } from '../stats/stats.ts';
import { parseFlatKeyed, parseUint } from '../text/parse.ts';

/** The memory controller: Documentation/admin-guide/cgroup-v1/memory.rst */
export const memory: Controller = {
  name: 'memory',
  writes: (resources, view) => [
    ...limits(resources, view),
    ...softLimit(resources),
    ...kernel(resources),
    ...oomControl(resources, view),
    ...swappiness(resources),
  ],
  stats: (group, into) => {
    const stats = group.tryValue('memory.stat', parseFlatKeyed);
    // Without it the group has no memory controller; with it the others must be there.
    if (stats === undefined) return;
    const usage = usageOf(group, 'memory');
    const swapUsage = tryUsageOf(group, 'memory.memsw');
    const kernelUsage = tryUsageOf(group, 'memory.kmem');
    const kernelTcpUsage = tryUsageOf(group, 'memory.kmem.tcp');
    const killed = group.tryValue('memory.oom_control', parseFlatKeyed)?.['oom_kill'];
    into.memory = {
      cache: stats['cache'] ?? 0n,
      usage,
      ...(swapUsage && { swapUsage }),
      ...(kernelUsage && { kernelUsage }),
      ...(kernelTcpUsage && { kernelTcpUsage }),
      stats,
      ...(killed !== undefined && { events: { oom_kill: killed } }),
    };
  },
};

/**
 * The limit of memory and swap may never be below that of memory, so what is raised goes first. A memory limit that is
 * taken away takes that of memory and swap with it.
 */
function limits(resources: Resources, view: GroupView): readonly Write[] {
  const limit = given(resources.memory)
    ? { file: 'memory.limit_in_bytes', value: String(resources.memory), field: 'memory' }
    : undefined;
  const swap = swapWrite(resources, view);
  if (!limit) return swap ? [swap] : [];
  if (!swap) return [limit];
  const now = view.tryRead(swap.file);
  const raised = now !== undefined && (swap.value === '-1' || BigInt(swap.value) > parseUint(now));
  return raised ? [swap, limit] : [limit, swap];
}

function swapWrite(resources: Resources, view: GroupView): Write | undefined {
  const file = 'memory.memsw.limit_in_bytes';
  if (given(resources.memorySwap)) return { file, value: String(resources.memorySwap), field: 'memorySwap' };
  const unlimited = resources.memory !== undefined && BigInt(resources.memory) === -1n;
  return unlimited && view.exists(file) ? { file, value: '-1', field: 'memory' } : undefined;
}

function softLimit({ memoryReservation }: Resources): readonly Write[] {
  if (!given(memoryReservation)) return [];
  return [{ file: 'memory.soft_limit_in_bytes', value: String(memoryReservation), field: 'memoryReservation' }];
}

/** Kernels without these limits say so, or take them without a word: they mean nothing either way. */
function kernel({ kernelMemory, kernelMemoryTcp }: Resources): readonly Write[] {
  const ignore = ['EOPNOTSUPP', 'ENOTSUP', 'ENOENT'];
  const writes: Write[] = [];
  if (given(kernelMemory))
    writes.push({ file: 'memory.kmem.limit_in_bytes', value: String(kernelMemory), field: 'kernelMemory', ignore });
  if (given(kernelMemoryTcp))
    writes.push({ file: 'memory.kmem.tcp.limit_in_bytes', value: String(kernelMemoryTcp), field: 'kernelMemoryTcp' });
  return writes;
}

function oomControl({ oomKillDisable }: Resources, view: GroupView): readonly Write[] {
  const write = (value: string): Write => ({
    file: 'memory.oom_control',
    value,
    field: 'oomKillDisable',
    undo: (before) => (before.includes('oom_kill_disable 1') ? '1' : '0'),
  });
  if (oomKillDisable) return [write('1')];
  const disabled = oomKillDisable === false && view.tryRead('memory.oom_control')?.startsWith('oom_kill_disable 1');
  return disabled ? [write('0')] : [];
}

function swappiness({ memorySwappiness }: Resources): readonly Write[] {
  if (memorySwappiness === undefined || BigInt(memorySwappiness) === -1n) return [];
  return [{ file: 'memory.swappiness', value: String(memorySwappiness), field: 'memorySwappiness' }];
}

function usageOf(group: Group, prefix: string): MemoryUsage {
  return {
    usage: group.value(`${prefix}.usage_in_bytes`, parseUint),
    maxUsage: group.value(`${prefix}.max_usage_in_bytes`, parseUint),
    failcnt: group.value(`${prefix}.failcnt`, parseUint),
    limit: group.tryValue(`${prefix}.limit_in_bytes`, parseUint),
  };
}

/** Kinds of memory that kernels may lack. */
function tryUsageOf(group: Group, prefix: string): MemoryUsage | undefined {
  return group.exists(`${prefix}.usage_in_bytes`) ? usageOf(group, prefix) : undefined;
}
