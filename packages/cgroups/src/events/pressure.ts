import { closeSync, constants, openSync, writeSync } from 'node:fs';
import { constant, Fd, fdAt, invoke, watchReadable } from '@nsinit/syscall';
import { CgroupError, errnoOf } from '../error.ts';
import type { Group } from '../fs/group.ts';
import { hintFor } from '../fs/hints.ts';
import type { PressureEvent } from './event.ts';
import { abortable, addCounts, type MergingQueue } from './queue.ts';
import { endWhenEmpty } from './v2.ts';
import type { FileWatch } from './watch-file.ts';

/** Some task waited for memory 150 ms of one second. Without privilege a window is a multiple of 2 s. */
const trigger = 'some 300000 2000000';

/**
 * Pressure of cgroup v2: a PSI trigger, whose descriptor has an urgent event each time. Documentation/accounting/psi.rst,
 * kernel 5.2
 */
export function v2PressureEvents(group: Group, signal: AbortSignal | undefined): MergingQueue<PressureEvent> {
  const file = 'memory.pressure';
  const fd = openTrigger(group, file);
  const watches: FileWatch[] = [];
  const epoll = new Fd(invoke('epoll_create1', { flags: ['O_CLOEXEC'] }));
  const queue = abortable<PressureEvent>(signal, addCounts, () => {
    for (const watch of watches) watch.close();
    epoll.close();
    closeSync(fd);
  });
  // The event loop knows readable and writable only: an epoll descriptor is readable when something urgent is in it.
  // Looking at a trigger takes its event away, so nothing has to be read.
  const event = new Uint8Array(16);
  new DataView(event.buffer).setUint32(0, constant('poll', 'POLLPRI'), true);
  invoke('epoll_ctl', { epfd: epoll, op: 'EPOLL_CTL_ADD', fd: fdAt(fd), event });
  watches.push(watchReadable(epoll.fd, () => queue.push({ count: 1n })));
  endWhenEmpty(group, queue, watches, () => {});
  if (signal?.aborted) queue.end();
  return queue;
}

function openTrigger(group: Group, file: string): number {
  let fd: number | undefined;
  try {
    fd = openSync(`${group.path}/${file}`, constants.O_RDWR | constants.O_NONBLOCK);
    writeSync(fd, `${trigger}\0`);
    return fd;
  } catch (error) {
    if (fd !== undefined) closeSync(fd);
    const errno = errnoOf(error);
    const hint = errno === 'EOPNOTSUPP' ? 'the kernel was booted without psi=1' : hintFor(file, errno);
    const what = `write ${JSON.stringify(trigger)} to ${group.path}/${file}: ${errno}`;
    throw new CgroupError('ERR_CGROUP_IO', what, { path: group.path, file, data: trigger, errno, hint, cause: error });
  }
}
