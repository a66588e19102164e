import { closeSync, openSync } from 'node:fs';
import { print } from './print.ts';

/** How serious a line is. */
export type Level = 'debug' | 'warning' | 'error';

/** Form of the lines of a log file. */
export type LogFormat = 'text' | 'json';

/** Where log lines go. */
export interface LogOptions {
  /** Whether lines for debugging are wanted. */
  readonly debug: boolean;
  /** File that gets every line as well; it is emptied. Undefined: none. */
  readonly file: string | undefined;
  readonly format: LogFormat;
}

/** One line of a log file. */
export function logLine(level: Level, message: string, time: Date, format: LogFormat): string {
  if (format === 'json') return `${JSON.stringify({ time: time.toISOString(), level, msg: message })}\n`;
  return `time="${time.toISOString()}" level=${level} msg=${JSON.stringify(message)}\n`;
}

/** Lines about what nsinit does: on the standard error output for people, and in a log file with time and level. */
export class Log {
  readonly debugging: boolean;
  readonly #fd: number | undefined;
  readonly #format: LogFormat;

  /** @throws the error of node:fs when the file cannot be written. */
  constructor({ debug, file, format }: LogOptions) {
    this.debugging = debug;
    this.#format = format;
    this.#fd = file === undefined ? undefined : openSync(file, 'w', 0o600);
  }

  /** Said only when lines for debugging are wanted. */
  debug(message: string): void {
    if (this.debugging) this.#write('debug', message, message);
  }

  /** Something that works in another way than one may think. */
  warn(message: string): void {
    this.#write('warning', message, `warning: ${message}`);
  }

  /**
   * A failure.
   *
   * @param details more, for the standard error output alone; undefined: the message.
   */
  error(message: string, details = message): void {
    this.#write('error', message, details);
  }

  /** Closes the file. */
  close(): void {
    if (this.#fd !== undefined) closeSync(this.#fd);
  }

  #write(level: Level, message: string, shown: string): void {
    if (this.#fd !== undefined) print(logLine(level, message, new Date(), this.#format), this.#fd);
    print(shown.replace(/^/gm, 'nsinit: ').concat('\n'), 2);
  }
}
