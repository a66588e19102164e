import { closeSync } from 'node:fs';
import { Fd, invoke, tryInvoke, type Watch, watchReadable } from '@nsinit/syscall';
import type { Group } from '../fs/group.ts';
import { abortable, addCounts, type MergingQueue } from './queue.ts';

/**
 * Events of a memory group of v1: an eventfd that the kernel counts up, also once when the group is removed.
 * Documentation/admin-guide/cgroup-v1/memory.rst, sections 9 to 11
 *
 * @param file - what is watched: `memory.oom_control` or `memory.pressure_level`.
 * @param args - what stands behind both descriptors in cgroup.event_control.
 */
export function v1MemoryEvents(
  group: Group,
  file: string,
  args: string,
  signal: AbortSignal | undefined,
): MergingQueue<{ readonly count: bigint }> {
  const event = new Fd(invoke('eventfd2', { initval: 0, flags: ['O_CLOEXEC', 'O_NONBLOCK'] }));
  let watched: number | undefined;
  let watch: Watch | undefined;
  const release = () => {
    watch?.close();
    event.close();
    if (watched !== undefined) closeSync(watched);
    watched = undefined;
  };
  try {
    watched = group.open(file);
    group.write('cgroup.event_control', `${event.fd} ${watched}${args}`);
    const queue = abortable<{ readonly count: bigint }>(signal, addCounts, release);
    watch = watchReadable(event.fd, () => {
      const count = readCounter(event);
      // The counter goes up when the group goes away, too.
      if (!group.exists('cgroup.event_control')) queue.end();
      else if (count > 0n) queue.push({ count });
    });
    if (signal?.aborted) queue.end();
    return queue;
  } catch (error) {
    release();
    throw error;
  }
}

/** The counter since the last time; 0 when there is nothing. eventfd(2) */
function readCounter(event: Fd): bigint {
  const bytes = new Uint8Array(8);
  const size = tryInvoke('read', { fd: event, buf: bytes });
  return size === 8 ? new DataView(bytes.buffer).getBigUint64(0, true) : 0n;
}
