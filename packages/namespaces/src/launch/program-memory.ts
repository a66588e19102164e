import { duplicate, Fd, format, invoke } from '@nsinit/syscall';
import { type Message, magics } from './messages.ts';
import type { LaunchPlan } from './plan.ts';

/** The file in memory from which nsexec maps its program, and where it writes what failed. */
export class ProgramMemory implements Disposable {
  readonly #plan: LaunchPlan;
  readonly #file: Fd;

  constructor(plan: LaunchPlan) {
    this.#plan = plan;
    this.#file = new Fd(invoke('memfd_create', { name: 'program', flags: ['MFD_CLOEXEC'] }));
    invoke('pwrite64', { fd: this.#file, buf: plan.program.encode(plan.control), offset: 0 });
  }

  /** A descriptor for the process. */
  copy(): Fd {
    return duplicate(this.#file);
  }

  /**
   * The failed step of the new process of which it could send no report: a filter of system calls that it has by then can
   * refuse that. undefined: no step failed.
   */
  unsentReport(): Extract<Message, { type: 'report' }> | undefined {
    const { failure, header } = format;
    const bytes = Buffer.alloc(failure.size);
    invoke('pread64', { fd: this.#file, buf: bytes, offset: header.failure });
    const instruction = bytes.readUInt32LE(failure.instruction);
    // Of a step of the outer process, which has no filter, there is a report.
    if (bytes.readUInt32LE(failure.magic) !== magics.report || instruction < this.#plan.childFrom) return undefined;
    const errno = bytes.readInt32LE(failure.errno);
    return { type: 'report', instruction, errno, value: bytes.readBigInt64LE(failure.value), detail: '' };
  }

  [Symbol.dispose](): void {
    this.#file.close();
  }
}
