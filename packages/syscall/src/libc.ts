import { createRequire } from 'node:module';

type Koffi = typeof import('koffi');

let koffi: Koffi | undefined;

/** koffi, loaded when the first call is made: a program that only prints does not pay for it. */
export function loadKoffi(): Koffi {
  koffi ??= findKoffi(createRequire(import.meta.url));
  return koffi;
}

/** The addon itself is loaded twice as fast as the module around it, which looks for it and adds what is deprecated. */
export function findKoffi(require: (name: string) => unknown): Koffi {
  try {
    return require(`@koromix/koffi-linux-${process.arch}`) as Koffi;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'MODULE_NOT_FOUND') throw error;
    // Installed without optional dependencies, or built on this machine: koffi knows where it is.
    return require('koffi') as Koffi;
  }
}

type Native = (...args: readonly unknown[]) => unknown;

let libc: ReturnType<Koffi['load']> | undefined;
const functions = new Map<string, Native>();

/**
 * A function of the C library by its prototype, typed once: `int posix_spawn(…)`. The running process's own libc is
 * opened once; glibc and musl both answer to a null path.
 */
export function libcFunction(prototype: string): Native {
  let found = functions.get(prototype);
  if (!found) {
    libc ??= loadKoffi().load(null);
    found = libc.func(prototype) as Native;
    functions.set(prototype, found);
  }
  return found;
}

/** The error number that the last call of this thread left. */
export function errno(): number {
  return (koffi ?? loadKoffi()).errno();
}

/** The address of a Buffer's memory, which stays where it is while the Buffer lives. */
export function addressOf(bytes: Uint8Array): bigint {
  return BigInt((koffi ?? loadKoffi()).address(bytes) as number | bigint);
}

let syscallFunction: Native | undefined;

/** syscall(2): the result, or the negated error number. */
export function rawSyscall(nr: number, args: readonly (number | bigint)[]): number {
  syscallFunction ??= libcFunction(
    'int64_t syscall(int64_t nr, int64_t a, int64_t b, int64_t c, int64_t d, int64_t e, int64_t f)',
  );
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = args;
  const result = Number(syscallFunction(nr, signed(a), signed(b), signed(c), signed(d), signed(e), signed(f)));
  return result === -1 ? -errno() : result;
}

function signed(value: number | bigint): number | bigint {
  return typeof value === 'bigint' ? BigInt.asIntN(64, value) : value;
}

/** A watch on a descriptor; close it before the descriptor. */
export interface Watch {
  /** Stops watching. */
  close(): void;
  /** Lets the process end although the watch goes on. */
  unref(): void;
  /** Keeps the process alive again. */
  ref(): void;
}

/**
 * Calls back from the event loop whenever a descriptor (pidfd, socket, eventfd, netlink) can be read, until closed.
 * Works in worker threads too.
 */
export function watchReadable(fd: number, callback: () => void): Watch {
  return watch(fd, { readable: true }, callback);
}

/** As {@link watchReadable}, for a descriptor that can be written. One descriptor has one watch: duplicate it for both. */
export function watchWritable(fd: number, callback: () => void): Watch {
  return watch(fd, { writable: true }, callback);
}

const openWatches = new Set<Watch>();
let closesAtExit = false;

function watch(
  fd: number,
  events: { readonly readable?: boolean; readonly writable?: boolean },
  callback: () => void,
): Watch {
  const handle = loadKoffi().node.poll(fd, events, callback) as unknown as Watch;
  if (!closesAtExit) {
    process.on('exit', closeWatches);
    closesAtExit = true;
  }
  openWatches.add(handle);
  return {
    close: () => {
      handle.close();
      openWatches.delete(handle);
    },
    unref: () => handle.unref(),
    ref: () => handle.ref(),
  };
}

/** The event loop turns once more while Node takes itself down, and a call back into JavaScript then ends in abort(3). */
function closeWatches(): void {
  for (const open of openWatches) open.close();
  openWatches.clear();
}
