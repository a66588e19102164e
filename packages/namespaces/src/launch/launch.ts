import { setTimeout as delay } from 'node:timers/promises';
import { isMainThread } from 'node:worker_threads';
import {
  Fd,
  type FdNumber,
  invoke,
  type PrintedInstruction,
  tryInvoke,
  type Watch,
  watchReadable,
} from '@nsinit/syscall';
import { sealedExecutor } from '../native.ts';
import { type Deferred, deferred } from './deferred.ts';
import { StepError } from './errors.ts';
import { type ExitStatus, exitStatus } from './exit-status.ts';
import { type Message, receive, sendCreated, socketPair } from './messages.ts';
import type { LaunchPlan } from './plan.ts';
import type { AdoptingProcess, LaunchedProcess, LaunchOptions } from './process.ts';
import { ProgramMemory } from './program-memory.ts';
import { reap } from './reap.ts';
import { spawn } from './spawn.ts';

/**
 * Starts a process by a plan. Resolves when the process has executed its program file, so that every step before that
 * is known to have succeeded.
 *
 * @throws {StepError} with the step that failed; nothing is left of the process then.
 */
export async function launch(plan: LaunchPlan, options: LaunchOptions): Promise<LaunchedProcess> {
  options.signal?.throwIfAborted();
  const start = new Launch(plan, options);
  return await start.run();
}

/**
 * Starts a process by a plan that `adopts`.
 *
 * @throws {StepError} as {@link launch}.
 */
export async function launchAdopting(plan: LaunchPlan, options: LaunchOptions): Promise<AdoptingProcess> {
  options.signal?.throwIfAborted();
  const start = new Launch(plan, options);
  return { ...(await start.run()), adopt: (pid, pidfd) => start.adopt(pid, pidfd) };
}

/** How long the outer process may take to create the other before it is killed, in milliseconds. */
const patienceMs = 1000;

class Launch {
  readonly #plan: LaunchPlan;
  readonly #options: LaunchOptions;
  readonly #control: Fd;
  readonly #sync: Fd;
  readonly #memory: ProgramMemory;
  readonly #outerPid: number;
  #controlWatch: Watch | undefined;
  #syncWatch: Watch | undefined;
  #childWatch: Watch | undefined;
  #created: { readonly pid: number; readonly pidfd: Fd } | undefined;
  #console: Fd | undefined;
  #listener: Fd | undefined;
  #exit: ExitStatus | undefined;
  #executed = false;
  #prepared = false;
  #controlEnded = false;
  #outerFailed = false;
  /** A process that the outer one could not tell of, and has killed; 0: none. */
  #untold = 0;
  #failing = false;
  #settled = false;
  #closed = false;
  readonly #started = deferred<LaunchedProcess>();
  readonly #exited = deferred<ExitStatus>();
  /** How the adopted process ends; undefined: there is none. */
  #adopted: Deferred<ExitStatus> | undefined;

  constructor(plan: LaunchPlan, options: LaunchOptions) {
    this.#plan = plan;
    this.#options = options;
    const opened: Fd[] = [];
    try {
      const [control, controlThere] = socketPair();
      opened.push(controlThere);
      this.#control = control;
      const [sync, syncThere] = socketPair();
      opened.push(syncThere);
      this.#sync = sync;
      this.#memory = new ProgramMemory(plan);
      const descriptors: FdNumber[] = [...options.stdio, ...(options.extraFiles ?? [])];
      for (const planned of plan.descriptors) {
        const fd = this.#open(planned.role, controlThere, syncThere, planned);
        if (fd !== controlThere && fd !== syncThere) opened.push(fd);
        descriptors.push(fd);
      }
      const [path, ...args] = options.initCommand ?? [];
      const image = path ?? sealedExecutor(options.executor);
      if (typeof image !== 'string' && options.executor !== undefined) opened.push(image);
      const argv = path === undefined ? ['nsexec'] : [path, ...args, String(descriptors.length)];
      this.#outerPid = spawn(image, [...argv, String(plan.programFd)], descriptors);
    } catch (error) {
      opened.forEach((fd) => {
        fd.close();
      });
      this.#closeSockets();
      throw error;
    }
    for (const fd of opened) fd.close();
  }

  run(): Promise<LaunchedProcess> {
    this.#exited.promise.catch(() => {}); // A caller that never waits is not to be ended by a lost exit status.
    this.#controlWatch = watchReadable(this.#control.fd, () => this.#drain(this.#control));
    this.#syncWatch = watchReadable(this.#sync.fd, () => this.#drain(this.#sync));
    const { signal } = this.#options;
    if (!signal) return this.#started.promise;
    const abort = () => this.#abandon(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    return this.#started.promise.finally(() => signal.removeEventListener('abort', abort));
  }

  adopt(pid: number, pidfd: Fd): LaunchedProcess {
    sendCreated(this.#control, pid, pidfd);
    const exited = deferred<ExitStatus>();
    exited.promise.catch(() => {});
    this.#adopted = exited;
    this.#controlWatch?.ref();
    return {
      pid,
      pidfd,
      console: undefined,
      exited: exited.promise,
      unref: () => this.#controlWatch?.unref(),
      ref: () => this.#controlWatch?.ref(),
      close: () => {
        pidfd.close();
        if (isMainThread) this.#controlWatch?.unref();
      },
    };
  }

  #open(
    role: LaunchPlan['descriptors'][number]['role'],
    control: Fd,
    sync: Fd,
    planned: LaunchPlan['descriptors'][number],
  ): Fd {
    if (planned.role === 'source') {
      const open = planned.source.open ?? this.#options.files?.[planned.name];
      if (!open) throw new TypeError(`the launch was given no file ${planned.name}`);
      return open();
    }
    if (role === 'control') return control;
    if (role === 'sync') return sync;
    if (role === 'parent') return new Fd(invoke('pidfd_open', { pid: process.pid, flags: 0 }));
    return this.#memory.copy();
  }

  #drain(socket: Fd): void {
    try {
      while (!socket.closed) {
        const message = receive(socket);
        if (message === 'wait') return;
        if (message === 'end') {
          this.#ended(socket);
          return;
        }
        if (message.type === 'report' && socket === this.#control) this.#judge(message);
        this.#handle(message);
      }
    } catch (error) {
      this.#abandon(error);
    }
  }

  /** What the outer process reports: before the other exists, there is none to be told of; after that there may be. */
  #judge({ instruction, value }: Extract<Message, { type: 'report' }>): void {
    const { instructions } = this.#plan.program;
    const creation = instructions.findIndex((step) => step.op === 'call' && step.name === 'clone3');
    this.#untold = Number(value);
    this.#outerFailed = instruction <= creation || this.#untold > 0;
  }

  #handle(message: Message): void {
    switch (message.type) {
      case 'created':
        this.#created = { pid: message.pid, pidfd: message.pidfd };
        void this.#letGo(message.pid);
        this.#handOver();
        return;
      case 'console':
        this.#console = message.master;
        return;
      case 'listener':
        this.#listener = message.listener;
        this.#handOver();
        return;
      case 'report':
        void this.#fail(message);
        return;
      case 'exited': {
        const status = exitStatus(message.code, message.status);
        if (this.#exit) {
          this.#adopted?.resolve(status);
          return;
        }
        this.#exit = status;
        // The process may have ended before its own socket was looked at: it tells whether it executed its program.
        this.#drain(this.#sync);
        this.#over();
      }
    }
  }

  /** The listener goes to its taker when the process is known: its own word can come before the one that it exists. */
  #handOver(): void {
    const { onListener } = this.#options;
    if (!this.#listener || (!this.#created && !this.#failing)) return;
    if (onListener && this.#created && !this.#failing) onListener(this.#listener, this.#created.pid);
    else this.#listener.close();
    this.#listener = undefined;
  }

  async #letGo(pid: number): Promise<void> {
    if (this.#failing) return;
    try {
      // Without a promise there is nothing to wait for: a microtask later the process may have been told of already.
      const preparing = this.#options.onCreated?.(pid);
      if (preparing) await preparing;
      if (this.#plan.options.barrier && !this.#sync.closed)
        invoke('sendto', { sockfd: this.#sync, buf: new Uint8Array(8).fill(1), flags: ['MSG_NOSIGNAL'] });
      this.#prepared = true;
      this.#startedIfSo();
    } catch (error) {
      this.#abandon(error);
    }
  }

  #ended(socket: Fd): void {
    if (socket === this.#sync) {
      this.#syncWatch?.close();
      this.#syncWatch = undefined;
      this.#sync.close();
      if (this.#settled || this.#failing) return;
      const unsent = this.#memory.unsentReport();
      if (unsent) return void this.#fail(unsent);
      this.#executed = true;
      this.#startedIfSo();
    } else {
      this.#controlWatch?.close();
      this.#controlWatch = undefined;
      this.#control.close();
      this.#controlEnded = true;
      void this.#outerEnded();
    }
  }

  /** The process has executed its file when its own socket has ended without a report. */
  #startedIfSo(): void {
    if (this.#settled || this.#failing || !this.#executed || !this.#created || !this.#prepared) return;
    this.#settled = true;
    this.#memory[Symbol.dispose]();
    const { pid, pidfd } = this.#created;
    if (this.#plan.options.supervisor === false) this.#watchChild(pid, pidfd);
    this.#started.resolve({
      pid,
      pidfd,
      console: this.#console,
      exited: this.#exited.promise,
      unref: () => (this.#childWatch ?? this.#controlWatch)?.unref(),
      ref: () => (this.#childWatch ?? this.#controlWatch)?.ref(),
      close: () => {
        this.#closed = true;
        this.#over();
        // What is left is to be reaped when it ends, but that is no reason to stay; unless the process outlives this thread.
        if (isMainThread && !this.#adopted) (this.#childWatch ?? this.#controlWatch)?.unref();
      },
    });
    this.#over();
  }

  /** When the process has ended, tells so: its supervisor has nothing to do any more, and nobody waits for that. */
  #over(): void {
    if (!this.#settled || !this.#exit) return;
    this.#exited.resolve(this.#exit);
    if (this.#closed) this.#created?.pidfd.close();
  }

  /** Without a supervisor the process is our own child. */
  #watchChild(pid: number, pidfd: Fd): void {
    const watch = watchReadable(pidfd.fd, () => {
      watch.close();
      this.#childWatch = undefined;
      reap(pid).then((status) => {
        this.#exit = status;
        this.#over();
      }, this.#exited.reject);
    });
    this.#childWatch = watch;
  }

  async #outerEnded(): Promise<void> {
    try {
      const outer = await reap(this.#outerPid);
      // Without supervision the outer process is done when it has created the other.
      if (this.#plan.options.supervisor === false && this.#created) return;
      const lost = new Error('the supervisor of the process was killed: how the process ended is not known');
      if (!this.#exit) this.#exited.reject(lost);
      this.#adopted?.reject(lost);
      if (this.#settled || this.#failing) return;
      this.#abandon(
        new Error(
          this.#exit
            ? `the process ended before it executed its program: ${describe(this.#exit)}`
            : `nsexec ended without a word: ${describe(outer)}`,
        ),
      );
    } catch (error) {
      this.#abandon(error);
    }
  }

  async #fail(report: Extract<Message, { type: 'report' }>): Promise<void> {
    if (this.#failing || this.#settled) return;
    this.#failing = true;
    const step = this.#plan.program.print()[report.instruction] as PrintedInstruction;
    let error: unknown = new StepError(step, report.errno, report.value, report.detail);
    try {
      await this.#told();
      if (this.#options.explain) error = await this.#options.explain(error as StepError, this.#created?.pid);
    } catch (explanation) {
      error = explanation;
    }
    await this.#end(error);
  }

  /** Ends a launch that cannot succeed any more. */
  #abandon(reason: unknown): void {
    if (this.#settled || this.#failing) return;
    this.#failing = true;
    void this.#end(reason);
  }

  /** Waits for the word that the process exists: its own may come first. Nothing is to come when the outer one is over. */
  async #told(): Promise<void> {
    for (let turn = 0; turn < patienceMs; turn++) {
      this.#drain(this.#control);
      if (this.#created || this.#controlEnded || this.#outerFailed) return;
      await delay(1);
    }
  }

  /** Kills what was started, waits until it is gone, and tells the caller. */
  async #end(reason: unknown): Promise<void> {
    this.#settled = true;
    // An outer process that was killed before it told would leave the other behind.
    await this.#told();
    if (this.#created) tryInvoke('pidfd_send_signal', { pidfd: this.#created.pidfd, sig: 9, flags: 0 });
    // The supervisor needs its end of the socket for nothing but the report; closing ours lets a failed one go on.
    this.#closeSockets();
    if (!this.#created && !this.#controlEnded) tryInvoke('kill', { pid: this.#outerPid, sig: 9 });
    try {
      if (!this.#controlEnded) await reap(this.#outerPid);
      const child = this.#created?.pid ?? this.#untold;
      if (child > 0 && this.#plan.options.supervisor === false) await reap(child);
    } finally {
      this.#created?.pidfd.close();
      this.#console?.close();
      this.#listener?.close();
      this.#started.reject(reason);
    }
  }

  #closeSockets(): void {
    this.#controlWatch?.close();
    this.#syncWatch?.close();
    this.#controlWatch = undefined;
    this.#syncWatch = undefined;
    this.#control?.close();
    this.#sync?.close();
    this.#memory?.[Symbol.dispose]();
  }
}

function describe(status: ExitStatus): string {
  return status.signal ? `killed by ${status.signal}` : `exit code ${status.exitCode}`;
}
