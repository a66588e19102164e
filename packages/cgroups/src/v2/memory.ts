import { type Controller, type GroupView, given, orMax } from '../controller.ts';
import { CgroupError } from '../error.ts';
import type { Group } from '../fs/group.ts';
import type { Write } from '../fs/write.ts';
import type { Resources } from '../resources.ts';
import type { MemoryUsage } from '../stats/stats.ts';
import { parseFlatKeyed, parseMax, parseUint } from '../text/parse.ts';

/** The memory controller: Documentation/admin-guide/cgroup-v2.rst */
export const memory: Controller = {
  name: 'memory',
  writes: (resources, view) => {
    checkUsage(resources, view);
    const { memory: limit, memoryReservation } = resources;
    return [
      ...swap(resources, view),
      ...(given(limit) ? [{ file: 'memory.max', value: orMax(limit), field: 'memory' }] : []),
      ...(given(memoryReservation)
        ? [{ file: 'memory.low', value: orMax(memoryReservation), field: 'memoryReservation' }]
        : []),
    ];
  },
  stats: (group, into) => {
    const stats = group.tryValue('memory.stat', parseFlatKeyed);
    const used = group.tryValue('memory.current', parseUint);
    if (stats === undefined || used === undefined) return;
    const events = group.tryValue('memory.events', parseFlatKeyed);
    const usage: MemoryUsage = {
      usage: used,
      maxUsage: group.tryValue('memory.peak', parseUint),
      failcnt: events?.['max'] ?? 0n,
      limit: group.tryValue('memory.max', parseMax),
    };
    const swapOnlyUsage = swapOf(group);
    into.memory = {
      ...into.memory,
      cache: stats['file'] ?? 0n,
      usage,
      ...(swapOnlyUsage && { swapOnlyUsage, swapUsage: together(usage, swapOnlyUsage) }),
      stats,
      ...(events && { events }),
    };
  },
};

function checkUsage({ memory: limit, memoryCheckBeforeUpdate }: Resources, view: GroupView): void {
  if (!memoryCheckBeforeUpdate || !given(limit) || BigInt(limit) < 0n) return;
  const used = view.tryRead('memory.current');
  if (used === undefined || parseUint(used) < BigInt(limit)) return;
  throw new CgroupError('ERR_CGROUP_INVALID', `${limit} bytes are less than the ${used.trim()} in use`, {
    file: 'memory.max',
    field: 'memory',
    data: String(limit),
    hint: 'stop processes first, or leave memoryCheckBeforeUpdate out',
  });
}

/** A kernel without swap accounting has not the file, and needs none to have no swap limit or no swap. */
function swap(resources: Resources, view: GroupView): readonly Write[] {
  const value = swapMax(resources, view);
  if (value === undefined) return [];
  const ignore = value === 'max' || value === '0' ? ['ENOENT'] : [];
  return [
    { file: 'memory.swap.max', value, field: resources.memorySwap === undefined ? 'memory' : 'memorySwap', ignore },
  ];
}

/**
 * The limit of swap alone, from the limit of both. A memory limit that is taken away takes that of swap with it.
 *
 * @throws {CgroupError} when the limit of both is below that of memory, or nobody knows the latter.
 */
function swapMax({ memory: limit, memorySwap }: Resources, view: GroupView): string | undefined {
  if (!given(memorySwap)) return given(limit) && BigInt(limit) < 0n ? 'max' : undefined;
  if (BigInt(memorySwap) < 0n) return 'max';
  const refuse = (what: string, hint: string): never => {
    throw new CgroupError('ERR_CGROUP_INVALID', what, { field: 'memorySwap', file: 'memory.swap.max', hint });
  };
  const both = BigInt(memorySwap);
  const current = parseMax(view.tryRead('memory.max') ?? 'max');
  const own = given(limit) ? BigInt(limit) : (current ?? -1n);
  if (own < 0n)
    return refuse('a limit of memory and swap needs one of memory', 'set memory too: cgroup v2 counts swap alone');
  if (both < own)
    return refuse(`${both} is less than the memory limit ${own}`, 'the limit of both must be at least that');
  return String(both - own);
}

function swapOf(group: Group): MemoryUsage | undefined {
  const usage = group.tryValue('memory.swap.current', parseUint);
  if (usage === undefined) return undefined;
  return {
    usage,
    maxUsage: group.tryValue('memory.swap.peak', parseUint),
    failcnt: group.tryValue('memory.swap.events', parseFlatKeyed)?.['max'] ?? 0n,
    limit: group.tryValue('memory.swap.max', parseMax),
  };
}

/** Both added up, as v1 counts them; the peaks need not have been at one time. */
function together(own: MemoryUsage, swapped: MemoryUsage): MemoryUsage {
  const sum = (a: bigint | undefined, b: bigint | undefined) =>
    a === undefined || b === undefined ? undefined : a + b;
  return {
    usage: own.usage + swapped.usage,
    maxUsage: sum(own.maxUsage, swapped.maxUsage),
    failcnt: swapped.failcnt,
    limit: sum(own.limit, swapped.limit),
  };
}
