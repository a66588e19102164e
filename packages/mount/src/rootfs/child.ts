import { type ConstantName, constant, type ProgramBuilder } from '@nsinit/syscall';
import { ECANCELED } from './errnos.ts';

const SIGCHLD = 17;

/** A process that does a part of the work, see {@link compileChild}. */
export interface ChildOptions {
  /** What it is called when it fails: `/bin/mkfs`. */
  readonly name: string;
  /** Namespaces that it has for itself. */
  readonly namespaces?: readonly ConstantName<'clone'>[];
}

/**
 * Lets a child process run some instructions, and waits for it. A step of it that fails is reported as any other; when it
 * ends otherwise than with 0 the report has ECANCELED, and its exit status or signal as the value.
 *
 * The program of instructions must run in nsexec: clone3(2) cannot run in a process with threads.
 *
 * @param body writes the instructions, up to its execve(2) or exit_group(2). Cells that they set are not the parent's.
 */
export function compileChild(b: ProgramBuilder, { name, namespaces = [] }: ChildOptions, body: () => void): void {
  const parent = b.label('parent');
  const killed = b.label('killed');
  const done = b.label('done');
  const pidfdAt = b.zeros(4, 'pidfd');
  const flags: readonly ConstantName<'clone'>[] = ['CLONE_PIDFD', ...namespaces];
  const pid = b.call('clone3', { cl_args: { flags, pidfd: pidfdAt, exit_signal: SIGCHLD } }, { as: 'pid' });
  b.branch(pid, '!=', 0, parent);
  body();
  b.place(parent);
  const pidfd = pidfdAt.cell<'fd'>(0, -4, 'pidfd');
  const info = b.out('siginfo');
  const status = info.field('siginfo', 'si_status');
  b.call('waitid', { idtype: 'P_PIDFD', id: pidfd, infop: info, options: ['WEXITED'] }, { on: { EINTR: 'retry' } });
  b.call('close', { fd: pidfd });
  b.branch(info.field('siginfo', 'si_code'), '!=', constant('cld', 'CLD_EXITED'), killed);
  b.branch(status, '==', 0, done);
  b.fail({ what: `${name} ended with an exit status other than 0`, errno: ECANCELED, value: status });
  b.place(killed);
  b.fail({ what: `${name} was ended by a signal`, errno: ECANCELED, value: status });
  b.place(done);
}
