import { type Cell, constant, type FdArg, type FdNumber, fdAt, type ProgramBuilder, sizeOf } from '@nsinit/syscall';
import { openEntry, openInRoot } from '../paths/index.ts';
import { verifyDevice } from './device-type.ts';
import { bindOnEntry } from './devices.ts';
import { ENODEV } from './errnos.ts';

/** The message that carries a terminal's master: `NSCO`, then zero, as two 32-bit numbers; the descriptor beside it. */
export const CONSOLE_MESSAGE_MAGIC = 0x4f43534e;

/** What {@link compileConsole} works on. */
export interface ConsoleOptions {
  /** The root of the container; a process that enters one gives a descriptor of its `/`. */
  readonly root: FdArg;
  /** A Unix socket that the master is sent to, as SCM_RIGHTS beside {@link CONSOLE_MESSAGE_MAGIC}. */
  readonly socket: FdNumber;
  /** Owner of the terminal inside the container; undefined: 0. */
  readonly uid?: number;
  /** SELinux label of the terminal; give it only where SELinux is enabled. */
  readonly mountLabel?: string;
  /** Whether the terminal becomes /dev/console: for init, not for processes that enter. undefined: yes. */
  readonly bindConsole?: boolean;
}

/**
 * Makes a pseudo-terminal of the container's own devpts and gives it to the process: descriptors 0 to 2, controlling
 * terminal (the process must lead a session: setsid(2)), /dev/console. The master goes to the caller.
 *
 * Nothing that the container prepared is trusted: /dev/pts must be a devpts, the slave is that of the master itself
 * (TIOCGPTPEER) whatever its path is now, and a symbolic link in place of /dev/console is refused.
 */
export function compileConsole(b: ProgramBuilder, options: ConsoleOptions): void {
  b.because({ what: 'make the terminal' }, () => {
    const master = openMaster(b, options.root);
    b.call('ioctl', { fd: master, op: 'TIOCSPTLCK', argp: b.zeros(4, '0') }, { what: 'unlock the terminal' });
    const peer = constant('open', 'O_RDWR') | constant('open', 'O_NOCTTY') | constant('open', 'O_CLOEXEC');
    const slave = b.call('ioctl', { fd: master, op: 'TIOCGPTPEER', argp: peer }, { as: 'slave' });
    const { uid = 0, mountLabel } = options;
    // -1: the group stays what the devpts gives (gid=5).
    if (uid !== 0) b.call('fchown', { fd: slave, owner: uid, group: -1 }, { what: 'give the terminal to the user' });
    if (mountLabel)
      b.call(
        'fsetxattr',
        { fd: slave, name: 'security.selinux', value: b.string(mountLabel) },
        // A devpts that was mounted with a label gives it to all its files, and takes none for one of them.
        { field: 'mountLabel', on: { EOPNOTSUPP: 'ignore' } },
      );
    if (options.bindConsole ?? true) bindConsole(b, options.root, slave);
    sendMaster(b, options.socket, master);
    b.call('close', { fd: master });
    for (const fd of [0, 1, 2]) b.call('dup3', { oldfd: slave, newfd: fdAt(fd), flags: [] });
    b.call('close', { fd: slave });
    b.call('ioctl', { fd: fdAt(0), op: 'TIOCSCTTY', argp: null }, { what: 'make it the controlling terminal' });
  });
}

function openMaster(b: ProgramBuilder, root: FdArg): Cell<'fd'> {
  const genuine = b.label('genuine');
  const buf = b.out('statfs');
  const pts = openInRoot(b, root, '/dev/pts', { directory: true, as: 'pts' });
  b.call('fstatfs', { fd: pts, buf });
  b.branch(buf.field('statfs', 'f_type'), '==', constant('magic', 'DEVPTS_SUPER_MAGIC'), genuine);
  b.fail({ what: '/dev/pts is not a devpts; add a devpts mount', errno: ENODEV });
  b.place(genuine);
  const master = openEntry(b, pts, 'ptmx', { flags: ['O_RDWR', 'O_NOCTTY'], as: 'master' });
  const ptmx = { type: constant('file_type', 'S_IFCHR'), major: 5, minor: 2 };
  verifyDevice(b, master, ptmx, { what: '/dev/pts/ptmx is another device', errno: ENODEV });
  b.call('close', { fd: pts });
  return master;
}

function bindConsole(b: ProgramBuilder, root: FdArg, slave: Cell<'fd'>): void {
  b.because({ what: 'make the terminal /dev/console' }, () => {
    const dev = openInRoot(b, root, '/dev', { directory: true, as: 'dev' });
    bindOnEntry(b, slave, dev, 'console');
    b.call('close', { fd: dev });
  });
}

const SOL_SOCKET = 1;
const SCM_RIGHTS = 1;
/** CMSG_LEN(4): the header and one descriptor, without the padding behind it. */
const cmsgLen = 20;

function sendMaster(b: ProgramBuilder, socket: FdNumber, master: Cell<'fd'>): void {
  const message = b.bytes(new Uint8Array(Uint32Array.of(CONSOLE_MESSAGE_MAGIC, 0).buffer), 'console');
  const rights = b.struct('cmsg_fd', { cmsg_len: cmsgLen, cmsg_level: SOL_SOCKET, cmsg_type: SCM_RIGHTS });
  b.assign(rights.field<'cmsg_fd', 'fd'>('cmsg_fd', 'fd'), master);
  const msg = {
    msg_iov: b.struct('iovec', { iov_base: message, iov_len: message.size }),
    msg_iovlen: 1,
    msg_control: rights,
    msg_controllen: sizeOf('cmsg_fd'),
  };
  b.call('sendmsg', { sockfd: socket, msg, flags: ['MSG_NOSIGNAL'] }, { what: 'send the terminal to the caller' });
}
