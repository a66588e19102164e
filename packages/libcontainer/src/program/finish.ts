import { type CapabilitySets, capabilityMask } from '@nsinit/capabilities';
import { compileWorkingDirectory } from '@nsinit/mount';
import { type FdArg, type FdNumber, fdAt, type ProgramBuilder } from '@nsinit/syscall';
import type { WindowSize } from '../process/console.ts';
import { type Confinement, compileConfinement } from './confinement.ts';
import { compileCredentials } from './credentials.ts';
import { compileExecute } from './execute.ts';
import type { ContainerFilter } from './seccomp.ts';
import type { ProcessUser } from './user.ts';

/** For what the last steps need beside the process's own capabilities. */
const administration = capabilityMask(['CAP_SYS_ADMIN']);

/** What the last steps of a process are made from; the same for init and for one that joins. */
export interface FinishOptions {
  readonly args: readonly string[];
  readonly env: readonly string[];
  readonly cwd: string;
  readonly user: ProcessUser;
  readonly capabilities: CapabilitySets;
  readonly noNewPrivileges: boolean;
  readonly confinement: Confinement;
  readonly umask: number | undefined;
  readonly parentDeathSignal: number | undefined;
  /** Standard streams that are pipes of ours: the user must be able to open them again by /dev/stdout. */
  readonly pipes: readonly FdNumber[];
  /** Size of the terminal that is standard input; undefined: there is none, or it has no size. */
  readonly windowSize: WindowSize | undefined;
  /** The container's `/`. */
  readonly root: FdArg;
  /** Installs the filter of system calls; undefined: there is none. */
  readonly filter: ContainerFilter | undefined;
  /** The socket to this process, which gets the filter's listener. */
  readonly control: FdNumber;
  /** The first descriptor that the program must not have. */
  readonly firstPrivate: number;
}

/** From a process that stands in its container with every privilege to the program that it is to run. */
export function compileFinish(b: ProgramBuilder, options: FinishOptions): void {
  const { user, windowSize } = options;
  if (windowSize) {
    const size = b.struct('winsize', { ws_row: windowSize.rows, ws_col: windowSize.columns });
    b.call('ioctl', { fd: fdAt(0), op: 'TIOCSWINSZ', argp: size }, { what: 'set the size of the terminal' });
  }
  if (user.uid !== 0)
    for (const fd of options.pipes)
      b.call(
        'fchown',
        { fd, owner: user.uid, group: user.gid },
        {
          what: 'give the pipe to the user',
          field: 'user',
          on: { EPERM: 'ignore', EINVAL: 'ignore' },
        },
      );
  if (options.umask !== undefined)
    b.call('umask', { mask: options.umask }, { what: 'set the file mode creation mask', field: 'umask' });
  compileWorkingDirectory(b, options.cwd, { root: options.root });
  // The kernel takes a filter, and restrictions by Landlock, from a process that cannot gain privileges, or else has
  // CAP_SYS_ADMIN. That ends with execve, so that nothing but execve has to pass them: a filter that denies setuid or
  // capset is fine either way.
  const needsAdmin = !options.noNewPrivileges && (options.filter ?? options.confinement.landlock) !== undefined;
  const restrict = compileConfinement(b, options.confinement);
  compileCredentials(b, user, options.capabilities, needsAdmin ? administration : 0n);
  if (options.noNewPrivileges)
    b.call(
      'prctl',
      { op: 'PR_SET_NO_NEW_PRIVS', arg2: 1 },
      { what: 'gain no privileges by exec', field: 'noNewPrivileges' },
    );
  // The change of user has cleared it, so that it comes after.
  if (options.parentDeathSignal !== undefined)
    b.call(
      'prctl',
      { op: 'PR_SET_PDEATHSIG', arg2: options.parentDeathSignal },
      {
        what: 'die with the process outside',
        field: 'parentDeathSignal',
      },
    );
  b.call(
    'close_range',
    { first: options.firstPrivate, last: 0xffffffff, flags: ['CLOSE_RANGE_CLOEXEC'] },
    {
      what: 'let no descriptor of ours reach the program',
    },
  );
  restrict();
  options.filter?.install(b, options.control);
  compileExecute(b, options.args, options.env);
}
