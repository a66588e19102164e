import {
  Buf,
  type Cell,
  type ConstantName,
  type Fd,
  type FdNumber,
  fdAt,
  type Program,
  ProgramBuilder,
  sizeOf,
} from '@nsinit/syscall';
import { type NamespaceKind, namespaceKinds } from '../kinds.ts';
import { compileJoins, type NamespaceJoin } from './joins.ts';
import { magics } from './messages.ts';
import { compileAdoption, compileSupervision } from './supervision.ts';

/** A file that a program needs: opened when the launch begins, closed here as soon as the process has its copy. */
export interface DescriptorSource {
  /** What a printed program calls it. */
  readonly name: string;
  /** Opens it, once in each launch. undefined: the launch is given one of this name, so that its plan can be used again. */
  readonly open?: () => Fd;
}

/** What a process is started with. */
export interface PlanOptions {
  /** Kinds of namespaces that the process gets for itself. */
  readonly newNamespaces?: readonly NamespaceKind[];
  /** Namespaces that it joins instead. */
  readonly joins?: readonly NamespaceJoin[];
  /**
   * The directory of a cgroup (version 2) in which the process is born, without ever having been elsewhere; undefined:
   * that of this process. CLONE_INTO_CGROUP of clone3(2), Linux 5.7
   */
  readonly cgroup?: DescriptorSource;
  /** A running process whose namespaces the new one enters; joined after `joins`. */
  readonly enter?: EnterOptions;
  /**
   * First steps of the outer process, before it joins or makes anything: what they set is inherited by the new process, and
   * by the supervisor; undefined: none.
   */
  readonly inherited?: (b: ProgramBuilder) => void;
  /** Number of descriptors after standard error that it inherits, from 3 on. */
  readonly extraFiles?: number;
  /**
   * Whether a small process of nsexec stays outside, waits for the process, records how it ended and so lets it
   * outlive this one. false: the process becomes a child of this process. Default true.
   */
  readonly supervisor?: boolean;
  /** Whether the process waits, before its own part begins, until `onCreated` of the launch is done. */
  readonly barrier?: boolean;
  /**
   * Signal that the process gets when the process that calls {@link launch} dies, 1 to 64; undefined: none. The whole
   * process counts, not the thread.
   */
  readonly parentDeathSignal?: number;
  /** A pidfd of the process whose death counts for `parentDeathSignal`; undefined: the one that calls {@link launch}. */
  readonly tiedTo?: DescriptorSource;
  /**
   * File in which the supervisor records the process: its id as soon as it exists, and how it ended, see
   * `parseStatusFile`. It stays open, with its locks, until the supervisor ends.
   */
  readonly statusFile?: DescriptorSource;
  /**
   * Whether the supervisor also takes over a child of its own that the process makes for it and leaves behind, see
   * `launchAdopting`: the record, and the parent death signal, are that one's. Default false.
   */
  readonly adopts?: boolean;
}

/** The namespaces of a running process, as far as they are not this process's own. setns(2) with a pidfd, Linux 5.8 */
export interface EnterOptions {
  /** Refers to the process. */
  readonly pidfd: DescriptorSource;
  /** The kinds to join; joining a user namespace that one is in already is an error of the kernel. */
  readonly kinds: readonly NamespaceKind[];
  /** Steps of the new process while it still sees the host's file systems; undefined: none. */
  readonly before?: (b: ProgramBuilder) => void;
}

/** What the part of a program that runs in the new process can use. */
export interface ChildContext {
  /** The socket to this process: reports go there, and a terminal's master. */
  readonly control: FdNumber;
  /** The first descriptor that is not the process's own: from here on all are closed by execve. */
  readonly firstPrivate: number;
  /** Adds a file that the program needs; its number in the process is the result. */
  readonly descriptor: (source: DescriptorSource) => FdNumber;
}

/** A program with the descriptors that it counts on. */
export interface LaunchPlan {
  readonly program: Program;
  readonly options: PlanOptions;
  /** The first instruction of the new process. */
  readonly childFrom: number;
  /** The descriptor that reports go to. */
  readonly control: number;
  /** Where the program itself is found. */
  readonly programFd: number;
  /** What each descriptor from 3 + extraFiles on is. */
  readonly descriptors: readonly PlannedDescriptor[];
}

/** One descriptor of a new process: an end of a socket to this process, the program, or a file. */
export type PlannedDescriptor =
  | { readonly role: 'control' | 'sync' | 'program' | 'parent'; readonly name: string }
  | { readonly role: 'source'; readonly name: string; readonly source: DescriptorSource };

/**
 * Writes the program of a launch: the supervisor's part is written here, `child` adds what the new process does, up to
 * its execve(2).
 */
export function planLaunch(
  options: PlanOptions,
  child: (b: ProgramBuilder, context: ChildContext) => void,
): LaunchPlan {
  const b = new ProgramBuilder();
  const firstPrivate = 3 + (options.extraFiles ?? 0);
  const descriptors: PlannedDescriptor[] = [];
  const add = (planned: PlannedDescriptor) => fdAt(firstPrivate + descriptors.push(planned) - 1, planned.name);
  const supervised = options.supervisor !== false;

  const control = add({ role: 'control', name: 'control' });
  const status =
    supervised && options.statusFile
      ? add({ role: 'source', name: options.statusFile.name, source: options.statusFile })
      : undefined;
  const parent = supervised && options.parentDeathSignal !== undefined ? add(roleOfParent(options.tiedTo)) : undefined;
  const sync = add({ role: 'sync', name: 'sync' });
  const programFd = add({ role: 'program', name: 'program' });
  const descriptor = (source: DescriptorSource) => add({ role: 'source', name: source.name, source });

  const inChild = b.label('child');
  options.inherited?.(b);
  const mappedLater = waitsForMaps(options);
  if (!mappedLater) compileUntraceable(b);
  if (supervised) b.call('setsid', {}, { what: 'stay away from the signals of a terminal', on: { EPERM: 'ignore' } });
  compileJoins(b, options.joins ?? [], descriptor);
  const target = options.enter && descriptor(options.enter.pidfd);
  const [before, after] = splitKinds(options.enter?.kinds ?? []);
  if (target && before.length > 0)
    b.call(
      'setns',
      { fd: target, nstype: before },
      { what: 'create the process in the pid namespace of the container' },
    );
  const { created, pidfd } = compileClone(
    b,
    options,
    supervised,
    inChild,
    options.cgroup && descriptor(options.cgroup),
  );
  if (mappedLater) compileUntraceable(b);
  if (status && !options.adopts)
    b.call(
      'pwrite64',
      { fd: status, buf: created.message, offset: sizeOf('siginfo') },
      { what: 'record the process for others', on: { any: 'ignore' } },
    );
  b.because({ what: 'tell the caller that the process exists' }, () => sendCreated(b, control, created, pidfd));
  const supervise = options.adopts ? compileAdoption : compileSupervision;
  if (supervised) supervise(b, { control, status, parent, sync, pidfd, signal: options.parentDeathSignal });
  b.call('exit_group', { status: 0 }, { what: 'the outer process is done' });

  b.place(inChild);
  const childFrom = b.length;
  b.call(
    'dup3',
    { oldfd: sync, newfd: control, flags: ['O_CLOEXEC'] },
    { what: 'report as the new process from here on' },
  );
  if (options.barrier) compileBarrier(b, control);
  if (mappedLater) compileUntraceable(b);
  if (options.newNamespaces?.includes('NEWCGROUP')) compileCgroupNamespace(b);
  options.enter?.before?.(b);
  if (target && after.length > 0)
    b.call('setns', { fd: target, nstype: after }, { what: 'join the namespaces of the container' });
  child(b, { control, firstPrivate, descriptor });
  return { program: b.build(), options, childFrom, control: control.fd, programFd: programFd.fd, descriptors };
}

function roleOfParent(tiedTo: DescriptorSource | undefined): PlannedDescriptor {
  return tiedTo ? { role: 'source', name: tiedTo.name, source: tiedTo } : { role: 'parent', name: 'parent' };
}

/**
 * The files of /proc/PID belong to root when a process cannot be traced. A caller that is not root must write the id maps of
 * a new user namespace there, so that the process becomes untraceable after that. Nobody is in its namespaces yet who could
 * trace it; in a pid namespace that is joined somebody may be.
 */
function waitsForMaps({ newNamespaces = [], joins = [], enter }: PlanOptions): boolean {
  const joinsPids = joins.some(({ kind }) => kind === 'NEWPID') || enter !== undefined;
  return newNamespaces.includes('NEWUSER') && !joinsPids;
}

function compileUntraceable(b: ProgramBuilder): void {
  b.because({ what: 'keep other processes from tracing this one' }, () =>
    b.call('prctl', { op: 'PR_SET_DUMPABLE', arg2: 0 }),
  );
}

/**
 * A pid namespace counts for children only, so it is joined before the new process is created, together with the user
 * namespace that may own it. The rest is joined by the new process itself: the supervisor stays where it is.
 */
function splitKinds(kinds: readonly NamespaceKind[]): readonly [ConstantName<'clone'>[], ConstantName<'clone'>[]] {
  const early: readonly NamespaceKind[] = kinds.filter((kind) => kind === 'NEWPID' || kind === 'NEWUSER');
  const first: readonly NamespaceKind[] = early.includes('NEWPID') ? early : [];
  const flags = (list: readonly NamespaceKind[]) => list.map((kind) => namespaceKinds[kind].flag);
  return [flags(first), flags(kinds.filter((kind) => !first.includes(kind)))];
}

interface Created {
  /** The message: magic and process id. */
  readonly message: Buf;
  /** The control message with the pidfd. */
  readonly rights: Buf;
}

function compileClone(
  b: ProgramBuilder,
  options: PlanOptions,
  supervised: boolean,
  inChild: ReturnType<ProgramBuilder['label']>,
  cgroup: FdNumber | undefined,
): { readonly created: Created; readonly pidfd: Cell<'fd'> } {
  const message = b.bytes(new Uint8Array(Uint32Array.of(magics.created, 0).buffer), 'created');
  const rights = b.struct('cmsg_fd', { cmsg_len: 20, cmsg_level: 1, cmsg_type: 1 });
  const pidfdAt = new Buf(rights.offset + 16, 4, 'pidfd');
  const names = (options.newNamespaces ?? []).map((kind): ConstantName<'clone'> => namespaceKinds[kind].flag);
  if (names.includes('CLONE_NEWTIME'))
    b.call(
      'unshare',
      { flags: ['CLONE_NEWTIME'] },
      { what: 'make a time namespace for the new process', field: 'namespaces' },
    );
  const flags: ConstantName<'clone'>[] = names.filter((name) => name !== 'CLONE_NEWTIME' && name !== 'CLONE_NEWCGROUP');
  if (cgroup) flags.push('CLONE_INTO_CGROUP');
  const place = cgroup ? { cgroup: cgroup.fd } : {};
  // With CLONE_PARENT the end of the process is told to the caller by the signal that this process's own end uses.
  const args = supervised
    ? { flags: [...flags, 'CLONE_PIDFD'] as const, pidfd: pidfdAt, exit_signal: 17, ...place }
    : { flags: [...flags, 'CLONE_PIDFD', 'CLONE_PARENT'] as const, pidfd: pidfdAt, ...place };
  const pid = b.call(
    'clone3',
    { cl_args: args },
    { what: 'create the process in its namespaces', field: 'namespaces', into: message.cell<'pid'>(4, -4, 'pid') },
  );
  b.branch(pid, '==', 0, inChild, { what: 'the new process goes its own way' });
  return { created: { message, rights }, pidfd: rights.cell<'fd'>(16, -4, 'pidfd') };
}

/** A caller that has died is no reason to stop; one that lives and cannot be told would wait for ever. */
function sendCreated(b: ProgramBuilder, control: FdNumber, { message, rights }: Created, pidfd: Cell<'fd'>): void {
  const told = b.label('told');
  const untold = b.label('untold');
  const iov = b.struct('iovec', { iov_base: message, iov_len: message.size });
  b.call(
    'sendmsg',
    {
      sockfd: control,
      msg: { msg_iov: iov, msg_iovlen: 1, msg_control: rights, msg_controllen: sizeOf('cmsg_fd') },
      flags: ['MSG_NOSIGNAL'],
    },
    { on: { EPIPE: told, ECONNRESET: told, any: untold }, next: told },
  );
  b.place(untold);
  b.call('pidfd_send_signal', { pidfd, sig: 9, flags: 0 }, { on: { any: 'ignore' } });
  // Its id: without a supervisor it is the caller's child.
  b.fail({ value: message.cell<'int'>(4, -4, 'pid') });
  b.place(told);
}

/**
 * Its root is the group that its maker is in. clone3(2) would take that of this process, even with CLONE_INTO_CGROUP: so
 * the new process makes it, when it is where it belongs. cgroup_namespaces(7)
 */
function compileCgroupNamespace(b: ProgramBuilder): void {
  b.call(
    'unshare',
    { flags: ['CLONE_NEWCGROUP'] },
    { what: 'make a cgroup namespace, whose root is the group of the process', field: 'namespaces' },
  );
}

function compileBarrier(b: ProgramBuilder, control: FdNumber): void {
  const go = b.label('go');
  b.because({ what: 'wait until the caller has prepared what only it can' }, () => {
    const got = b.call('read', { fd: control, buf: b.zeros(8, 'go') }, { on: { EINTR: 'retry' } });
    b.branch(got, '!=', 0, go);
    b.call('exit_group', { status: 254 });
  });
  b.place(go);
}
