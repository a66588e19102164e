/** Processes that measure: a line goes in, a line comes back. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

export class Worker {
  #child;
  #lines;
  #name;

  /** Starts the program; its standard error is ours. */
  constructor(name, command, args, options = {}) {
    this.#name = name;
    this.#child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'], ...options });
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
  }

  /** Sends a line and gives the one that answers it. */
  async ask(line) {
    this.#child.stdin.write(`${line}\n`);
    const { value, done } = await this.#lines.next();
    if (done) throw new Error(`${this.#name} ended instead of answering ${JSON.stringify(line)}`);
    return value;
  }

  /** Lets the program end and waits for it; throws when it does not end with 0. */
  async close() {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      const exit = once(this.#child, 'exit');
      this.#child.stdin.end();
      await exit;
    }
    const { exitCode, signalCode } = this.#child;
    if (exitCode !== 0) throw new Error(`${this.#name} ended with ${signalCode ?? `status ${exitCode}`}`);
  }
}

/** A {@link Worker} that runs timer.c: times whole processes. */
export class Timer extends Worker {
  /** Nanoseconds from the first start of `count` processes to the last exit; throws when one of them failed. */
  async time(command, count = 1) {
    const [ns, failures] = (await this.ask([count, ...command].join('\t'))).split(' ').map(Number);
    if (failures > 0) throw new Error(`${failures} of ${count} failed: ${command.join(' ')}`);
    return ns;
  }
}
