import type { Facts } from '../facts.ts';
import { type Finding, findingsOf } from '../finding.ts';

const { ok, limited } = findingsOf('checkpoint');

/** Saving and restoring containers. */
export function evaluateCheckpoint({ checkpoint }: Facts): readonly Finding[] {
  if (!checkpoint) return [];
  if ('message' in checkpoint)
    return [limited('criu and kernel', `containers cannot be saved: ${checkpoint.message}`, checkpoint.remedy)];
  return [
    ok('criu and kernel', 'they work together'),
    checkpoint.memoryTracking
      ? ok('pre-dump', 'the kernel remembers changed pages')
      : limited(
          'pre-dump',
          'the kernel does not remember changed pages: it has no CONFIG_MEM_SOFT_DIRTY',
          'save without --pre-dump and --parent-path, or boot a kernel that has it',
        ),
    checkpoint.lazyPages
      ? ok('lazy pages', 'memory can be fetched when it is needed')
      : limited(
          'lazy pages',
          'the kernel has no userfaultfd(2) as criu needs it',
          'restore without --lazy-pages, or boot a kernel with CONFIG_USERFAULTFD',
        ),
  ];
}
