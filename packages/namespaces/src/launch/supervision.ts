import { Buf, type Cell, constant, type FdNumber, fdAt, type ProgramBuilder, sizeOf } from '@nsinit/syscall';

/** The descriptors of a supervisor. */
export interface Supervision {
  readonly control: FdNumber;
  readonly status: FdNumber | undefined;
  readonly parent: FdNumber | undefined;
  readonly sync: FdNumber;
  readonly pidfd: Cell<'fd'>;
  readonly signal: number | undefined;
}

/** Descriptor 0 of the supervisor is the process that it waits for; the rest of its low ones are the process's own. */
const supervised = fdAt(0, 'process');

/** Descriptor 1, after the low ones were closed: the process that it takes over. */
const adopted = fdAt(1, 'adopted process');

/** Writes what a supervisor does once the process exists. */
export function compileSupervision(b: ProgramBuilder, s: Supervision): void {
  compileKeep(b, s);
  if (s.parent && s.signal !== undefined) compileParentDeath(b, supervised, s.parent, s.signal);
  compileWait(b, supervised, s, s.status);
}

/**
 * Writes what a supervisor does that takes over a child which the process leaves behind: the caller tells which one, while
 * the process lives. Without a word from the caller there is none. The record is that of the child.
 */
export function compileAdoption(b: ProgramBuilder, s: Supervision): void {
  compileKeep(b, s);
  const alone = b.label('alone');
  const events = constant('poll', 'POLLIN');
  const polled = b.structs('pollfd', [
    { fd: supervised.fd, events },
    { fd: s.control.fd, events },
  ]);
  const message = b.zeros(8, 'adopted');
  const rights = b.struct('cmsg_fd', { cmsg_len: 20, cmsg_level: 1, cmsg_type: 1, fd: -1 });
  const pidfd = new Buf(rights.offset + 16, 4, 'pidfd').cell<'fd'>(0, -4, 'pidfd');
  b.because({ what: 'wait to be told of a process to take over' }, () => {
    b.call('ppoll', { fds: polled, nfds: 2, tmo: null }, { on: { EINTR: 'retry' } });
    b.branch(polled.cell(12, 4, 'control.revents'), '==', 0, alone, { mask: 0xffff0000 });
    const iov = b.struct('iovec', { iov_base: message, iov_len: message.size });
    const size = b.call(
      'recvmsg',
      {
        sockfd: s.control,
        msg: { msg_iov: iov, msg_iovlen: 1, msg_control: rights, msg_controllen: sizeOf('cmsg_fd') },
        flags: ['MSG_CMSG_CLOEXEC'],
      },
      { on: { EINTR: 'retry', any: alone } },
    );
    b.branch(size, '<', message.size, alone);
    // EINVAL: it has come as this number already.
    b.call('dup3', { oldfd: pidfd, newfd: adopted, flags: ['O_CLOEXEC'] }, { on: { EINVAL: 'ignore' } });
    b.call('close_range', { first: s.sync.fd, last: 0xffffffff, flags: [] });
  });
  if (s.status)
    b.call(
      'pwrite64',
      { fd: s.status, buf: message, offset: sizeOf('siginfo') },
      { what: 'record the process for others', on: { any: 'ignore' } },
    );
  compileWait(b, supervised, s, undefined);
  if (s.parent && s.signal !== undefined) compileParentDeath(b, adopted, s.parent, s.signal);
  compileWait(b, adopted, s, s.status);
  b.call('exit_group', { status: 0 }, { what: 'the outer process is done' });
  b.place(alone);
  compileWait(b, supervised, s, undefined);
}

function compileKeep(b: ProgramBuilder, s: Supervision): void {
  b.because({ what: 'keep only what the supervisor needs' }, () => {
    b.call('dup3', { oldfd: s.pidfd, newfd: supervised, flags: ['O_CLOEXEC'] });
    b.call('close_range', { first: 1, last: s.control.fd - 1, flags: [] });
    b.call('close_range', { first: s.sync.fd, last: 0xffffffff, flags: [] });
  });
}

function compileWait(
  b: ProgramBuilder,
  process: FdNumber,
  { control }: Supervision,
  status: FdNumber | undefined,
): void {
  const info = b.out('siginfo');
  b.because({ what: 'wait for the process to end' }, () => {
    b.call(
      'waitid',
      { idtype: 'P_PIDFD', id: process, infop: info, options: ['WEXITED', 'WNOWAIT'] },
      { on: { EINTR: 'retry' } },
    );
  });
  b.because({ what: 'record how it ended' }, () => {
    if (status) b.call('pwrite64', { fd: status, buf: info, offset: 0 }, { on: { any: 'ignore' } });
    b.call('sendto', { sockfd: control, buf: info, flags: ['MSG_NOSIGNAL'] }, { on: { any: 'ignore' } });
    b.call('waitid', { idtype: 'P_PIDFD', id: process, infop: null, options: ['WEXITED'] }, { on: { EINTR: 'retry' } });
  });
}

function compileParentDeath(b: ProgramBuilder, process: FdNumber, parent: FdNumber, signal: number): void {
  const wait = b.label('wait');
  const events = constant('poll', 'POLLIN');
  const polled = b.structs('pollfd', [
    { fd: process.fd, events },
    { fd: parent.fd, events },
  ]);
  b.because({ what: 'send the parent death signal when the caller dies', field: 'parentDeathSignal' }, () => {
    b.call('ppoll', { fds: polled, nfds: 2, tmo: null }, { on: { EINTR: 'retry' } });
    b.branch(polled.cell(4, 4, 'process.revents'), '!=', 0, wait, { mask: 0xffff0000 });
    b.call('pidfd_send_signal', { pidfd: process, sig: signal, flags: 0 }, { on: { ESRCH: 'ignore' } });
  });
  b.place(wait);
}
