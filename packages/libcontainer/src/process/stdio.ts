import type { Readable, Writable } from 'node:stream';
import { openNull } from '@nsinit/namespaces';
import { Fd, type FdNumber, fdAt, invoke } from '@nsinit/syscall';
import { InputPump, OutputPump, type Pump } from './pump.ts';

/**
 * Where a standard stream of a process leads: `null` or undefined to /dev/null, `'inherit'` to this process's own, a
 * number or an open descriptor to that file, a stream to a pipe that is copied from or to it. A stream that stands on a
 * descriptor of its own (process.stdout) hands that over and is not copied.
 */
export type StdioSource<S extends Readable | Writable> = null | undefined | 'inherit' | number | FdNumber | S;

/** The standard streams of a process as it is started with. */
export interface Stdio {
  /** Descriptors for 0, 1 and 2. */
  readonly fds: readonly [FdNumber, FdNumber, FdNumber];
  /** Opened for the process alone: closed here once it runs. */
  readonly theirs: readonly Fd[];
  /** Copies between streams and pipes, not yet running. */
  readonly pumps: readonly Pump[];
}

/** What a standard stream will be, without opening anything: programs are printed from this. */
export type StdioKind = 'null' | 'file' | 'pipe';

/** The descriptor that a stream stands on, if it has one of its own. */
function descriptorOf(source: unknown): number | undefined {
  const fd = (source as { fd?: unknown }).fd;
  return typeof fd === 'number' && fd >= 0 ? fd : undefined;
}

/** Says what a source becomes. */
export function stdioKind(source: StdioSource<Readable | Writable>): StdioKind {
  if (source === null || source === undefined) return 'null';
  if (source === 'inherit' || typeof source === 'number') return 'file';
  return descriptorOf(source) === undefined ? 'pipe' : 'file';
}

/** Opens the standard streams of a process. */
export function openStdio(
  stdin: StdioSource<Readable>,
  stdout: StdioSource<Writable>,
  stderr: StdioSource<Writable>,
): Stdio {
  const theirs: Fd[] = [];
  const pumps: Pump[] = [];
  let nothing: Fd | undefined;
  const open = (source: StdioSource<Readable | Writable>, index: 0 | 1 | 2): FdNumber => {
    if (source === null || source === undefined) {
      if (!nothing) {
        nothing = openNull();
        theirs.push(nothing);
      }
      return nothing;
    }
    if (source === 'inherit') return fdAt(index);
    if (typeof source === 'number') return fdAt(source);
    const fd = descriptorOf(source);
    if (fd !== undefined) return fdAt(fd);
    const [readEnd, writeEnd] = pipe();
    theirs.push(index === 0 ? readEnd : writeEnd);
    pumps.push(index === 0 ? new InputPump(source as Readable, writeEnd) : new OutputPump(readEnd, source as Writable));
    return index === 0 ? readEnd : writeEnd;
  };
  try {
    return { fds: [open(stdin, 0), open(stdout, 1), open(stderr, 2)], theirs, pumps };
  } catch (error) {
    for (const fd of theirs) fd.close();
    for (const pump of pumps) pump.stop();
    throw error;
  }
}

function pipe(): readonly [Fd, Fd] {
  const pipefd = new Uint8Array(8);
  invoke('pipe2', { pipefd, flags: ['O_CLOEXEC'] });
  const view = new DataView(pipefd.buffer);
  return [new Fd(view.getInt32(0, true)), new Fd(view.getInt32(4, true))];
}
