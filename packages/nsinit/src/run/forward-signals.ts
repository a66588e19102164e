import { constants } from 'node:os';

/**
 * Signals that are not handed on: KILL and STOP cannot be caught; CHLD is about nsinit's own children; TTIN and TTOU are
 * how the terminal stops a program in the background, which is nsinit; PROF is how V8
 * measures nsinit; the rest are faults of nsinit itself, after which no handler can go on.
 */
const KEPT: ReadonlySet<string> = new Set([
  'SIGKILL',
  'SIGSTOP',
  'SIGCHLD',
  'SIGTTIN',
  'SIGTTOU',
  'SIGPROF',
  'SIGSEGV',
  'SIGBUS',
  'SIGFPE',
  'SIGILL',
]);

/** Signals that are handed on, each number once: SIGPOLL is another name of SIGIO. */
export function forwardedSignals(): readonly NodeJS.Signals[] {
  const byNumber = new Map<number, NodeJS.Signals>();
  for (const [name, number] of Object.entries(constants.signals) as [NodeJS.Signals, number][])
    if (!KEPT.has(name) && !byNumber.has(number)) byNumber.set(number, name);
  // Node has a signal of Windows in its list on every system.
  return [...byNumber.values()].filter((name) => /^SIG(?!BREAK|LOST|UNUSED)/.test(name));
}

/**
 * Catches signals for another process, until this one ends. Those that come before the other exists are kept for it.
 */
export class SignalForwarder {
  readonly #early: NodeJS.Signals[] = [];
  #send: ((signal: NodeJS.Signals) => void) | undefined;

  /** Begins to catch. @param onEarly told of those that come before the other exists. */
  constructor(onEarly: (signal: NodeJS.Signals) => void = () => {}) {
    for (const signal of forwardedSignals()) {
      process.on(signal, () => {
        if (this.#send) return this.#send(signal);
        this.#early.push(signal);
        onEarly(signal);
      });
    }
  }

  /** Hands on what has come and what will come. */
  forwardTo(send: (signal: NodeJS.Signals) => void): void {
    this.#send = send;
    for (const signal of this.#early.splice(0)) send(signal);
  }
}
