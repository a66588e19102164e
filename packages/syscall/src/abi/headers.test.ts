import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { type Arch, architectures, forArch, hostArch } from './arch.ts';
import { type ConstantTable, constants } from './constants.ts';
import { errnos } from './errno.ts';
import { constantTable } from './flags.ts';
import { layoutOf } from './layout.ts';
import { syscallNumbers } from './numbers.ts';
import { type StructName, structs } from './structs.ts';

// Everything is compared by the C compiler itself: one static assertion a value, and nothing to run, so that a cross
// compiler proves the other architecture too.

const tableHeaders: Readonly<Record<ConstantTable, readonly string[]>> = {
  open: ['asm/fcntl.h'],
  new_fd: ['asm/fcntl.h'],
  resolve: ['linux/openat2.h'],
  at: ['linux/fcntl.h'],
  open_tree: ['linux/fcntl.h', 'linux/mount.h'],
  move_mount: ['linux/mount.h'],
  fsopen: ['linux/mount.h'],
  fsmount: ['linux/mount.h'],
  fsconfig: ['linux/mount.h'],
  mount_attr: ['linux/mount.h'],
  mount: ['linux/mount.h'],
  umount: ['sys/mount.h'],
  clone: ['linux/sched.h'],
  prctl: ['linux/prctl.h'],
  ambient: ['linux/prctl.h'],
  idtype: ['linux/wait.h'],
  wait: ['linux/wait.h'],
  memfd: ['linux/memfd.h'],
  fcntl: ['linux/fcntl.h'],
  seal: ['linux/fcntl.h'],
  close_range: ['linux/close_range.h'],
  domain: ['sys/socket.h'],
  socktype: ['sys/socket.h'],
  msg: ['sys/socket.h'],
  shut: ['sys/socket.h'],
  sol: ['sys/socket.h'],
  sockopt: ['asm/socket.h'],
  ioctl: ['sys/ioctl.h', 'linux/sockios.h', 'linux/if_tun.h'],
  rlimit: ['asm/resource.h'],
  statx: ['linux/stat.h'],
  file_type: ['linux/stat.h'],
  flock: ['asm/fcntl.h'],
  poll: ['asm/poll.h'],
  cld: ['asm/siginfo.h'],
  epoll_op: ['sys/epoll.h'],
  bpf_cmd: ['linux/bpf.h'],
  bpf_prog_type: ['linux/bpf.h'],
  bpf_attach_type: ['linux/bpf.h'],
  bpf_attach: ['linux/bpf.h'],
  magic: ['linux/magic.h'],
  landlock_create: ['linux/landlock.h'],
  landlock_rule: ['linux/landlock.h'],
  landlock_fs: ['linux/landlock.h'],
  landlock_net: ['linux/landlock.h'],
  landlock_scope: ['linux/landlock.h'],
  landlock_restrict: ['linux/landlock.h'],
};

/** Newer than the headers of distributions that we build on: compared where the header has them. */
const newNames: ReadonlySet<string> = new Set([
  'MFD_NOEXEC_SEAL',
  'MFD_EXEC',
  'F_SEAL_EXEC',
  'LANDLOCK_ACCESS_FS_TRUNCATE',
  'LANDLOCK_ACCESS_FS_IOCTL_DEV',
  ...Object.keys(constants.landlock_net),
  ...Object.keys(constants.landlock_scope),
  ...Object.keys(constants.landlock_restrict),
]);

/** The same for names that are no macros, by one that came with them. */
const cameWith: Readonly<Record<string, string>> = { LANDLOCK_RULE_NET_PORT: 'LANDLOCK_ACCESS_NET_BIND_TCP' };

interface CType {
  readonly type: string;
  readonly headers: readonly string[];
  /** C's words for fields that have another name there. */
  readonly fields?: Readonly<Record<string, string>>;
  /** The size in C's words, where it is not that of the type. */
  readonly size?: string;
  /** The macro without which the header is too old to have the structure as it is here. */
  readonly since?: string;
}

const structTypes: Readonly<Record<StructName, CType>> = {
  open_how: { type: 'struct open_how', headers: ['linux/openat2.h'] },
  clone_args: { type: 'struct clone_args', headers: ['linux/sched.h'] },
  mount_attr: { type: 'struct mount_attr', headers: ['linux/mount.h'] },
  iovec: { type: 'struct iovec', headers: ['sys/uio.h'] },
  msghdr: { type: 'struct msghdr', headers: ['sys/socket.h'] },
  cmsg_fd: {
    type: 'struct { struct cmsghdr head; int fd; int padding; }',
    headers: ['sys/socket.h'],
    fields: { cmsg_len: 'head.cmsg_len', cmsg_level: 'head.cmsg_level', cmsg_type: 'head.cmsg_type' },
    size: 'CMSG_SPACE(sizeof(int))',
  },
  rlimit64: { type: 'struct rlimit64', headers: ['linux/resource.h'] },
  cap_header: { type: 'struct __user_cap_header_struct', headers: ['linux/capability.h'] },
  cap_data: {
    type: 'struct { struct __user_cap_data_struct words[_LINUX_CAPABILITY_U32S_3]; }',
    headers: ['linux/capability.h'],
    fields: {
      effective_low: 'words[0].effective',
      permitted_low: 'words[0].permitted',
      inheritable_low: 'words[0].inheritable',
      effective_high: 'words[1].effective',
      permitted_high: 'words[1].permitted',
      inheritable_high: 'words[1].inheritable',
    },
  },
  pollfd: { type: 'struct pollfd', headers: ['asm/poll.h'] },
  siginfo: { type: 'siginfo_t', headers: ['signal.h'] },
  statx: { type: 'struct statx', headers: ['linux/stat.h'] },
  statfs: { type: 'struct statfs', headers: ['asm/statfs.h'] },
  sockaddr_nl: { type: 'struct sockaddr_nl', headers: ['linux/netlink.h'] },
  winsize: { type: 'struct winsize', headers: ['asm/termios.h'] },
  ifreq_flags: { type: 'struct ifreq', headers: ['sys/socket.h', 'linux/if.h'] },
  timespec: { type: 'struct __kernel_timespec', headers: ['linux/time_types.h'] },
  sock_fprog: { type: 'struct sock_fprog', headers: ['linux/filter.h'] },
  landlock_ruleset_attr: {
    type: 'struct landlock_ruleset_attr',
    headers: ['linux/landlock.h'],
    since: 'LANDLOCK_SCOPE_SIGNAL',
  },
  landlock_path_beneath_attr: {
    type: 'struct landlock_path_beneath_attr',
    headers: ['linux/landlock.h'],
    size: '(sizeof(T) + 7) / 8 * 8',
  },
  landlock_net_port_attr: {
    type: 'struct landlock_net_port_attr',
    headers: ['linux/landlock.h'],
    since: 'LANDLOCK_ACCESS_NET_BIND_TCP',
  },
};

function compilerFor(arch: Arch): string {
  if (arch === hostArch()) return 'cc';
  return arch === 'x64' ? 'x86_64-linux-gnu-gcc' : 'aarch64-linux-gnu-gcc';
}

/** What the compiler says against the assertions: nothing, when all hold. */
function complaints(compiler: string, headers: readonly string[], lines: readonly string[]): string {
  const source = ['#define _GNU_SOURCE', '#include <stddef.h>', ...headers.map((header) => `#include <${header}>`)];
  const result = spawnSync(compiler, ['-std=gnu11', '-fsyntax-only', '-x', 'c', '-'], {
    input: [...source, ...lines, ''].join('\n'),
    encoding: 'utf8',
  });
  if (result.error) throw result.error;
  return result.stderr + (result.status === 0 ? '' : `${compiler} ended with ${result.status ?? result.signal}`);
}

function isHere(compiler: string): boolean {
  return spawnSync(compiler, ['--version']).status === 0;
}

function sameValue(what: string, c: string, value: number): string {
  return `_Static_assert((unsigned long long)(${c}) == ${value}ull, "${what} is not ${value}");`;
}

function tableAssertions(table: ConstantTable, arch: Arch): readonly string[] {
  return Object.entries<number>(constantTable(table, arch)).flatMap(([name, value]) => {
    const assertion = sameValue(`${table}.${name}`, name, value);
    const macro = cameWith[name] ?? (newNames.has(name) ? name : undefined);
    return macro === undefined ? [assertion] : [`#ifdef ${macro}`, assertion, '#endif'];
  });
}

function structAssertions(name: StructName): readonly string[] {
  const { type, fields = {}, size = 'sizeof(T)', since } = structTypes[name];
  const layout = layoutOf(name);
  const lines = [`typedef ${type} T;`, sameValue(`sizeof ${name}`, size, layout.size)];
  for (const field of layout.fields) {
    if (field.name.startsWith('__')) continue;
    const c = fields[field.name] ?? field.name;
    lines.push(sameValue(`offset of ${name}.${field.name}`, `offsetof(T, ${c})`, field.offset));
    lines.push(sameValue(`size of ${name}.${field.name}`, `sizeof(((T *)0)->${c})`, field.size));
  }
  return since === undefined ? lines : [`#ifdef ${since}`, ...lines, '#endif'];
}

function numberAssertions(arch: Arch): readonly string[] {
  return Object.entries(syscallNumbers).map(([name, number]) => sameValue(name, `__NR_${name}`, forArch(number, arch)));
}

it('would notice a wrong value', () => {
  expect(complaints('cc', ['linux/prctl.h'], [sameValue('x', 'PR_SET_DUMPABLE', 5)])).toContain('x is not 5');
  expect(complaints('cc', ['linux/prctl.h'], [sameValue('x', 'PR_SET_NOTHING', 5)])).toContain('PR_SET_NOTHING');
});

describe.each(architectures)('on %s', (arch) => {
  const compiler = compilerFor(arch);
  // The host's own compiler is a requirement; without the other the reader is told that nothing was compared.
  const present = compiler === 'cc' || isHere(compiler);
  const suffix = present ? '' : ` (${compiler} is not installed)`;

  it.skipIf(!present).each(Object.keys(constants) as ConstantTable[])(
    `the constants of %s are those of the kernel's headers${suffix}`,
    (table) => {
      expect(complaints(compiler, tableHeaders[table], tableAssertions(table, arch))).toBe('');
    },
  );

  it.skipIf(!present).each(Object.keys(structs) as StructName[])(
    `struct %s has the size and offsets of the kernel's headers${suffix}`,
    (name) => {
      expect(complaints(compiler, structTypes[name].headers, structAssertions(name))).toBe('');
    },
  );

  it.skipIf(!present)(`system calls have the numbers of the kernel's headers${suffix}`, () => {
    expect(complaints(compiler, ['asm/unistd.h'], numberAssertions(arch))).toBe('');
  });

  it.skipIf(!present)(`errors have the numbers of the kernel's headers${suffix}`, () => {
    const lines = Object.entries(errnos).map(([name, value]) => sameValue(name, name, value));
    expect(complaints(compiler, ['asm/errno.h'], lines)).toBe('');
  });
});

it('arm64 has the generic numbers', () => {
  // asm/unistd.h of arm64 says no more than this, so that any machine's headers can tell.
  const wants = ['RENAMEAT', 'NEW_STAT', 'SET_GET_RLIMIT', 'TIME32_SYSCALLS', 'SYS_CLONE3', 'MEMFD_SECRET'];
  const defines = wants.map((want) => `#define __ARCH_WANT_${want}`);
  const lines = [...defines, '#include <asm-generic/unistd.h>', ...numberAssertions('arm64')];
  expect(complaints('cc', ['asm/bitsperlong.h'], lines)).toBe('');
});
