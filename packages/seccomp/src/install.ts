import { type Cell, constant, type FdNumber, type ProgramBuilder, sizeOf } from '@nsinit/syscall';
import { type BpfInstruction, encodeBpf } from './bpf/instruction.ts';
import { compileFilter } from './compile/compile.ts';
import { OWN_CALL, splitFilter } from './compile/split.ts';
import { SeccompError } from './errors.ts';
import { possibleActions } from './explain.ts';
import { FILTER_FLAGS, type Filter, type FilterFlag } from './model/filter.ts';
import { notifies } from './notify/notifies.ts';

/** linux/seccomp.h SECCOMP_SET_MODE_FILTER */
const SET_MODE_FILTER = 1;

/** The message that carries a listener: `NSSC`, then zero, as two 32-bit numbers; the descriptor beside it. */
export const LISTENER_MESSAGE_MAGIC = 0x4353534e;

/** What {@link compileSeccomp} is given beside the filter. */
export interface InstallOptions {
  /** Flags beside those of the filter; undefined: none. */
  readonly flags?: readonly FilterFlag[];
  /**
   * A Unix socket to which the descriptor of a filter with NOTIFY is sent, as SCM_RIGHTS beside
   * {@link LISTENER_MESSAGE_MAGIC}, whatever the filter says of sendmsg(2): one that might not let it pass is installed in
   * two parts, and sent between them. Not used by a filter without NOTIFY.
   */
  readonly listener?: FdNumber;
  /**
   * The system calls that the process makes between this and its own program, by name: a filter that lets one of them not
   * pass is refused. undefined: execve.
   */
  readonly before?: readonly string[];
  /** The configuration's field, for the printed program; undefined: `seccomp`. */
  readonly field?: string;
}

/**
 * Installs a filter for the process and what it starts. The process must have no_new_privs, or CAP_SYS_ADMIN in its user
 * namespace. seccomp(2)
 *
 * @throws {SeccompError} for a filter that cannot be compiled, one with NOTIFY without a listener, and one that would keep
 * the process from becoming its own program.
 */
export function compileSeccomp(b: ProgramBuilder, filter: Filter, options: InstallOptions = {}): void {
  const listener = notifies(filter) ? options.listener : undefined;
  if (notifies(filter) && !listener)
    throw new SeccompError('', 'a rule says NOTIFY and there is no listener', 'name a listener, or use another action');
  const flags = flagsOf(filter, options, listener !== undefined);
  for (const name of options.before ?? ['execve']) checkPasses(filter, name, b.arch, listener !== undefined);
  b.because({ field: options.field ?? 'seccomp' }, () => {
    if (!listener) {
      install(b, compileFilter(filter, { machine: b.arch }), flags);
    } else if (surelyPasses(filter, 'sendmsg', b.arch)) {
      const result = install(b, compileFilter(filter, { machine: b.arch }), flags);
      sendListener(b, listener, result, 0);
    } else {
      const { asking, deciding } = splitFilter(filter, { machine: b.arch });
      const result = install(b, asking, flags);
      sendListener(b, listener, result, OWN_CALL);
      const rest = flags.filter((flag) => flag !== 'NEW_LISTENER' && flag !== 'WAIT_KILLABLE_RECV');
      install(b, deciding, rest, OWN_CALL);
    }
  });
}

/** @returns the listener, where the flags ask for one. */
function install(
  b: ProgramBuilder,
  program: readonly BpfInstruction[],
  flags: readonly FilterFlag[],
  more = 0,
): Cell<'fd'> {
  const code = b.bytes(encodeBpf(program), `filter of ${program.length} instructions`);
  const args = b.struct('sock_fprog', { len: program.length, filter: code });
  const result = b.call(
    'seccomp',
    { operation: SET_MODE_FILTER, flags: flagBits(flags) + more, args },
    {
      what: `filter system calls (${[`${program.length} instructions`, ...flags].join(', ')})`,
      ...(flags.includes('NEW_LISTENER') ? { as: 'listener' } : {}),
    },
  );
  if (flags.includes('TSYNC') && !flags.includes('TSYNC_ESRCH')) checkThreads(b, result);
  return result;
}

/** @throws {SeccompError} for a flag that the kernel does not know, or would not take. */
function flagsOf(filter: Filter, options: InstallOptions, listens: boolean): readonly FilterFlag[] {
  const flags = new Set([...(filter.flags ?? []), ...(options.flags ?? [])]);
  for (const flag of flags)
    if (!(flag in FILTER_FLAGS))
      throw new SeccompError('flags', `unknown flag ${flag}: use one of ${Object.keys(FILTER_FLAGS).join(', ')}`);
  if (flags.has('NEW_LISTENER') && !listens)
    throw new SeccompError(
      'flags',
      'NEW_LISTENER without a rule that says NOTIFY',
      'leave it out: it is set where needed',
    );
  if (flags.has('WAIT_KILLABLE_RECV') && !listens)
    throw new SeccompError('flags', 'WAIT_KILLABLE_RECV without a rule that says NOTIFY', 'leave it out');
  if (listens) flags.add('NEW_LISTENER');
  if (listens && flags.has('TSYNC')) flags.add('TSYNC_ESRCH');
  return [...flags].sort((a, b) => FILTER_FLAGS[a] - FILTER_FLAGS[b]);
}

function flagBits(flags: readonly FilterFlag[]): number {
  return flags.reduce((bits, flag) => bits | FILTER_FLAGS[flag], 0);
}

/** Whether nothing but the call itself can become of it. */
function surelyPasses(filter: Filter, name: string, machine: ProgramBuilder['arch']): boolean {
  return possibleActions(filter, name, machine).every(({ kind }) => kind === 'ALLOW' || kind === 'LOG');
}

/** @throws {SeccompError} when a call that the process has to make is sure not to succeed. */
function checkPasses(filter: Filter, name: string, machine: ProgramBuilder['arch'], answered: boolean): void {
  const possible = possibleActions(filter, name, machine);
  const passing = ['ALLOW', 'LOG', 'TRACE', ...(answered ? ['NOTIFY'] : [])];
  if (possible.some(({ kind }) => passing.includes(kind))) return;
  const { kind } = possible.find((action) => action.kind !== 'ALLOW')!;
  throw new SeccompError('', `${name} gets ${kind}, but the process has to make it to be started`, `allow ${name}`);
}

/** A thread that cannot follow is told of as a result above 0. */
function checkThreads(b: ProgramBuilder, result: Cell<'fd'>): void {
  const all = b.label('all-threads');
  b.branch(result, '==', 0, all);
  b.fail({ what: 'a thread has another filter, and cannot get this one', errno: 3 });
  b.place(all);
}

const SOL_SOCKET = 1;
const SCM_RIGHTS = 1;
/** CMSG_LEN(4): the header and one descriptor, without the padding behind it. */
const cmsgLen = 20;

function sendListener(b: ProgramBuilder, socket: FdNumber, listener: Cell<'fd'>, more: number): void {
  const message = b.bytes(new Uint8Array(Uint32Array.of(LISTENER_MESSAGE_MAGIC, 0).buffer), 'listener');
  const rights = b.struct('cmsg_fd', { cmsg_len: cmsgLen, cmsg_level: SOL_SOCKET, cmsg_type: SCM_RIGHTS });
  b.assign(rights.field<'cmsg_fd', 'fd'>('cmsg_fd', 'fd'), listener);
  const msg = {
    msg_iov: b.struct('iovec', { iov_base: message, iov_len: message.size }),
    msg_iovlen: 1,
    msg_control: rights,
    msg_controllen: sizeOf('cmsg_fd'),
  };
  const flags = constant('msg', 'MSG_NOSIGNAL', b.arch) + more;
  b.call('sendmsg', { sockfd: socket, msg, flags }, { what: 'send the listener to the caller' });
}
