import { dirname } from 'node:path';
import { errnoOf } from '../error.ts';
import type { Group } from '../fs/group.ts';
import { parseFlatKeyed } from '../text/parse.ts';
import type { OomEvent } from './event.ts';
import { abortable, addCounts, type MergingQueue } from './queue.ts';
import { type FileWatch, watchFile } from './watch-file.ts';

/**
 * Kills of cgroup v2: `oom_kill` of memory.events, which counts those of groups below as well. It ends when the group
 * is gone or has lost its last process.
 */
export function v2OomEvents(group: Group, signal: AbortSignal | undefined): MergingQueue<OomEvent> {
  const watches: FileWatch[] = [];
  const queue = abortable<OomEvent>(signal, addCounts, () => {
    for (const watch of watches) watch.close();
  });
  let seen = group.value('memory.events', kills);
  const look = () => {
    const now = group.tryValue('memory.events', kills);
    if (now === undefined) return queue.end();
    if (now > seen) queue.push({ count: now - seen });
    seen = now;
  };
  endWhenEmpty(group, queue, watches, look);
  if (!queue.ended) watches.push(watchFile(`${group.path}/memory.events`, look));
  look();
  if (signal?.aborted) queue.end();
  return queue;
}

function kills(text: string): bigint {
  return parseFlatKeyed(text)['oom_kill'] ?? 0n;
}

/**
 * Ends a queue when a group of cgroup v2 is gone, or has no process after it had one.
 *
 * @param last - a last look before the end.
 */
export function endWhenEmpty<T>(group: Group, queue: MergingQueue<T>, watches: FileWatch[], last: () => void): void {
  let populated = false;
  const look = () => {
    const now = group.tryValue('cgroup.events', parseFlatKeyed)?.['populated'];
    if (now === 1n) populated = true;
    if (now === undefined || (now === 0n && populated)) {
      last();
      queue.end();
    }
  };
  try {
    watches.push(watchFile(`${group.path}/cgroup.events`, look));
    // A group that is removed while it is empty changes no file, and its own directory does not tell: the one above does.
    watches.push(watchFile(dirname(group.path), look));
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT' && errnoOf(error) !== 'ENODEV') {
      queue.end();
      throw error;
    }
  }
  look();
}
