import { isatty } from 'node:tty';
import type { Log } from './log.ts';
import { print } from './print.ts';

/** Steps of criu in words; others are shown as criu names them. */
const words: Readonly<Record<string, string>> = {
  'pre-dump': 'the processes are being stopped',
  'network-lock': 'packets are held back',
  'network-unlock': 'packets are let through',
  'post-dump': 'everything is written',
  'pre-restore': 'the images are being read',
  'setup-namespaces': 'the namespaces are there',
  'post-setup-namespaces': 'the file systems are there',
  'orphan-pts-master': 'the terminal is there',
  'post-restore': 'the processes are there',
  'pre-resume': 'the processes are about to go on',
  'post-resume': 'the processes go on',
};

/** The standard error output. */
const STDERR = 2;

/** Shows what goes on: on a terminal as one line that changes, and in a log for debugging. */
export class Progress implements Disposable {
  readonly #log: Log;
  readonly #live = isatty(STDERR);
  readonly #begun = performance.now();
  #shown = false;

  constructor(log: Log) {
    this.#log = log;
  }

  /** Milliseconds since the begin. */
  get elapsedMs(): number {
    return performance.now() - this.#begun;
  }

  /** Tells of a step. */
  step(name: string): void {
    this.#log.debug(`${this.elapsedMs.toFixed(3).padStart(9)} ms  ${name}`);
    if (!this.#live || this.#log.debugging) return;
    this.#shown = true;
    print(`\r\u001b[Knsinit: ${words[name] ?? name} …`, STDERR);
  }

  /** Puts a last line in the place of the changing one. */
  finish(text: string): void {
    this[Symbol.dispose]();
    print(`nsinit: ${text}\n`, STDERR);
  }

  /** Takes the changing line away. */
  [Symbol.dispose](): void {
    if (this.#shown) print('\r\u001b[K', STDERR);
    this.#shown = false;
  }
}

/** Microseconds as milliseconds. */
export function milliseconds(microseconds: number): string {
  return `${(microseconds / 1000).toFixed(1)} ms`;
}

/** A size with a unit that fits: `4.2 MiB`. */
export function size(bytes: bigint): string {
  const units = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB'];
  let value = Number(bytes);
  let unit = 0;
  for (; value >= 1024 && unit < units.length - 1; unit++) value /= 1024;
  return unit === 0 ? `${value} bytes` : `${value.toFixed(1)} ${units[unit]}`;
}
