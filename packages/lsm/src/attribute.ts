import { AT_FDCWD, type Cell, constant, type Label, type ProgramBuilder } from '@nsinit/syscall';

/** Inode number of a procfs's root directory. fs/proc/root.c */
const PROC_ROOT_INO = 1;

/** What is written to an attribute of the process that runs the program. */
export interface AttributeWrite {
  /** The attribute below `/proc/thread-self`, the newest name first: a name that the kernel lacks is passed over. */
  readonly names: readonly [string, ...string[]];
  /** What is written, in one write(2). */
  readonly text: string;
  /** Reports by the errno of the write; another errno is reported as it is. */
  readonly refusals: readonly { readonly errno: 'ENOENT' | 'EINVAL'; readonly what: string }[];
}

const errnos = { ENOENT: 2, EINVAL: 22 } as const;

/**
 * Writes an attribute of the process, and makes sure that it is one: a container may have put anything on its /proc, so
 * that what is found there counts only when it is the root of a procfs and nothing is mounted over any part of the
 * path below it. Else a procfs is made that nobody can reach, which takes CAP_SYS_ADMIN over the pid namespace.
 *
 * The descriptors that are opened on the way close on execve. proc_pid_attr(5)
 */
export function compileAttribute(b: ProgramBuilder, { names, text, refusals }: AttributeWrite): void {
  const attribute = b.variable<'fd'>(names[0]);
  const opened = b.label('opened');
  const untrusted = b.label('untrusted');
  const proc = openProc(b, untrusted);
  openAttribute(b, proc, names, attribute, opened, untrusted);
  b.place(untrusted);
  openAttribute(b, makeProc(b), names, attribute, opened);
  b.place(opened);
  writeAttribute(b, attribute, text, refusals);
}

function openProc(b: ProgramBuilder, untrusted: Label): Cell<'fd'> {
  const flags = ['O_PATH', 'O_DIRECTORY', 'O_NOFOLLOW', 'O_CLOEXEC'] as const;
  const proc = b.call('openat', { dirfd: AT_FDCWD, pathname: '/proc', flags }, { as: 'proc', on: { any: untrusted } });
  const buf = b.out('statfs');
  b.call('fstatfs', { fd: proc, buf });
  b.branch(buf.field('statfs', 'f_type'), '!=', constant('magic', 'PROC_SUPER_MAGIC'), untrusted);
  const statxbuf = b.out('statx');
  b.call('statx', { dirfd: proc, pathname: '', flags: ['AT_EMPTY_PATH'], mask: ['STATX_INO'], statxbuf });
  b.branch(statxbuf.field('statx', 'stx_ino'), '!=', PROC_ROOT_INO, untrusted);
  return proc;
}

function makeProc(b: ProgramBuilder): Cell<'fd'> {
  const context = b.call('fsopen', { fsname: 'proc', flags: ['FSOPEN_CLOEXEC'] }, { as: 'procfs' });
  b.call('fsconfig', { fd: context, cmd: 'FSCONFIG_CMD_CREATE', key: null, value: null });
  const attr_flags = ['MOUNT_ATTR_NOSUID', 'MOUNT_ATTR_NODEV', 'MOUNT_ATTR_NOEXEC'] as const;
  const mount = b.call('fsmount', { fsfd: context, flags: ['FSMOUNT_CLOEXEC'], attr_flags }, { as: 'own procfs' });
  b.call('close', { fd: context });
  return mount;
}

function openAttribute(
  b: ProgramBuilder,
  proc: Cell<'fd'>,
  names: readonly string[],
  into: Cell<'fd'>,
  opened: Label,
  otherwise?: Label,
): void {
  // thread-self is a symbolic link, though not a magic one: it names a directory below.
  const resolve = ['RESOLVE_BENEATH', 'RESOLVE_NO_XDEV', 'RESOLVE_NO_MAGICLINKS'] as const;
  const how = { flags: ['O_WRONLY', 'O_CLOEXEC'], resolve } as const;
  for (const [index, name] of names.entries()) {
    const pathname = `thread-self/${name}`;
    if (index === names.length - 1) {
      const on = otherwise ? { any: otherwise } : {};
      b.call('openat2', { dirfd: proc, pathname, how }, { into, on, next: opened });
    } else {
      const older = b.label('older');
      const on = { ENOENT: older, ...(otherwise ? { any: otherwise } : {}) };
      b.call('openat2', { dirfd: proc, pathname, how }, { into, on, next: opened });
      b.place(older);
    }
  }
}

function writeAttribute(
  b: ProgramBuilder,
  attribute: Cell<'fd'>,
  text: string,
  refusals: AttributeWrite['refusals'],
): void {
  const written = b.label('written');
  const labels = refusals.map(({ errno }) => b.label(errno));
  const on = Object.fromEntries(refusals.map(({ errno }, index) => [errno, labels[index]!]));
  const buf = b.bytes(new TextEncoder().encode(text), JSON.stringify(text));
  b.call('write', { fd: attribute, buf }, { on, next: written });
  for (const [index, { errno, what }] of refusals.entries()) {
    b.place(labels[index]!);
    b.fail({ what, errno: errnos[errno] });
  }
  b.place(written);
  b.call('close', { fd: attribute });
}
