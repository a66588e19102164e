import { expect, it } from 'vitest';
import { ProgramBuilder } from './builder.ts';
import { AT_FDCWD, fdAt } from './values.ts';

function texts(write: (b: ProgramBuilder) => void): readonly string[] {
  const b = new ProgramBuilder('x64');
  write(b);
  return b
    .build()
    .print()
    .map(({ text }) => text);
}

it('writes calls as strace does', () => {
  expect(
    texts((b) => {
      const how = { flags: ['O_RDWR', 'O_CREAT', 'O_CLOEXEC'], mode: 0o600, resolve: ['RESOLVE_IN_ROOT'] } as const;
      const fd = b.call('openat2', { dirfd: fdAt(5, 'rootfs'), pathname: 'etc/"x"\n', how }, { as: 'file' });
      b.call('fchmod', { fd, mode: 0o4755 });
      b.call('fchown', { fd, owner: 1000, group: -1 });
      b.call('mkdirat', { dirfd: AT_FDCWD, pathname: 'd', mode: 0 });
      b.call('write', { fd, buf: b.bytes(Buffer.from('abc')) });
      b.call('sethostname', { name: 'hé' });
      b.call('setgroups', { list: [0, 5] });
      b.call('prctl', { op: 'PR_SET_NO_NEW_PRIVS', arg2: 1 });
      b.call('unshare', { flags: ['CLONE_NEWNS', 'CLONE_NEWPID'] });
      b.call('dup3', { oldfd: fd, newfd: fdAt(9), flags: [] });
      b.call('execve', { pathname: '/bin/sh', argv: ['sh', '-c', 'id'], envp: [] });
    }),
  ).toEqual([
    String.raw`openat2(5<rootfs>, "etc/\"x\"\n", {flags=O_RDWR|O_CREAT|O_CLOEXEC, mode=0600, resolve=RESOLVE_IN_ROOT}, 24) = file`,
    'fchmod(file, 04755)',
    'fchown(file, 1000, -1)',
    'mkdirat(AT_FDCWD, "d", 000)',
    'write(file, &[3 bytes], 3)',
    'sethostname("hé", 3)',
    'setgroups(2, [0, 5])',
    'prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)',
    'unshare(CLONE_NEWNS|CLONE_NEWPID)',
    'dup3(file, 9, 0)',
    'execve("/bin/sh", ["sh", "-c", "id"], [])',
  ]);
});

it('writes structures with what their pointers point to', () => {
  expect(
    texts((b) => {
      const pidfd = b.zeros(4, 'pidfd');
      b.call('clone3', { cl_args: { flags: ['CLONE_PIDFD', 'CLONE_INTO_CGROUP'], pidfd, exit_signal: 17 } });
      const iov = b.structs('iovec', [{ iov_base: b.string('hi'), iov_len: 2 }]);
      b.call('sendmsg', { sockfd: fdAt(3), msg: { msg_iov: iov, msg_iovlen: 1 }, flags: ['MSG_NOSIGNAL'] });
      b.call('statx', {
        dirfd: fdAt(3),
        pathname: '',
        flags: ['AT_EMPTY_PATH'],
        mask: ['STATX_MODE'],
        statxbuf: b.out('statx'),
      });
      b.call('waitid', { idtype: 'P_PIDFD', id: fdAt(3), infop: null, options: ['WEXITED'] });
    }),
  ).toEqual([
    'clone3({flags=CLONE_PIDFD|CLONE_INTO_CGROUP, pidfd=&pidfd, exit_signal=17}, 88)',
    'sendmsg(3, {msg_iov=&iovec[1], msg_iovlen=1}, MSG_NOSIGNAL)',
    'statx(3, "", AT_EMPTY_PATH, STATX_MODE, &statx)',
    'waitid(P_PIDFD, 3, NULL, WEXITED, NULL)',
  ]);
});

it('writes control flow with places', () => {
  const b = new ProgramBuilder('x64');
  const child = b.label();
  const failed = b.label();
  const end = b.label();
  const count = b.variable('count');
  b.assign(count, 7);
  const pid = b.call('getpid', {}, { as: 'pid', on: { EINTR: 'retry', ENOSYS: failed, any: 'ignore' }, next: child });
  b.jump(end);
  b.place(child);
  b.branch(pid, '==', 0, end);
  b.branch(count, '>=', 0x10n, failed, { mask: 0xff00 });
  b.assign(count, pid);
  b.place(failed);
  b.fail({ what: 'give up', field: 'x' });
  b.place(end);
  expect(b.build().print()).toEqual([
    { index: 0, op: 'assign', text: 'count := 7' },
    {
      index: 1,
      op: 'getpid',
      text: 'getpid() = pid',
      errors: 'ok: goto 3, EINTR: retry, ENOSYS: goto 6, any: ignore',
    },
    { index: 2, op: 'jump', text: 'goto 7' },
    { index: 3, op: 'branch', text: 'if pid == 0 goto 7' },
    { index: 4, op: 'branch', text: 'if count & 0xff00 >= 0x10 goto 6' },
    { index: 5, op: 'assign', text: 'count := pid' },
    { index: 6, op: 'fail', text: 'fail', what: 'give up', field: 'x' },
  ]);
});

it('gives steps the reason of the part that they are in, and their own first', () => {
  const b = new ProgramBuilder('x64');
  b.because({ field: 'mounts[3]', what: 'mount sysfs on /sys' }, () => {
    b.call('getpid', {});
    b.because({ what: 'outer' }, () => b.call('getpid', {}, { what: 'own' }));
  });
  b.call('getpid', {});
  expect(
    b
      .build()
      .print()
      .map(({ field, what }) => [field, what]),
  ).toEqual([
    ['mounts[3]', 'mount sysfs on /sys'],
    ['mounts[3]', 'own'],
    [undefined, undefined],
  ]);
});
