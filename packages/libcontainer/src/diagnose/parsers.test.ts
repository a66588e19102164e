import { AT_FDCWD, ProgramBuilder } from '@nsinit/syscall';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { totalLimit } from './argument-size.ts';
import { parseFormat } from './binfmt.ts';
import { callArguments, fieldArgument, listArgument, stringArgument } from './call-text.ts';
import { fileKind } from './file-kind.ts';
import { isForHost, machineName } from './machine.ts';
import { describeExhaustion } from './namespace-create.ts';
import { describeModule } from './privilege.ts';
import { pidsGroups } from './process-limit.ts';
import { parseScriptLine } from './script.ts';
import { insideId, isMapped, parseIdMap, parseSubject } from './subject.ts';

const text = (value: string) => new TextEncoder().encode(value);

describe('the text of a call', () => {
  it('gives back every path and list that was printed', () => {
    const path = fc.string({ unit: 'binary', minLength: 1 }).filter((value) => !value.includes('\0'));
    fc.assert(
      fc.property(path, fc.array(path), (pathname, argv) => {
        const b = new ProgramBuilder();
        b.call('execve', { pathname, argv, envp: ['PATH=/bin'] });
        b.call('mkdirat', { dirfd: AT_FDCWD, pathname, mode: 0o755 });
        const [execve, mkdirat] = b.build().print();
        const args = callArguments(execve!.text);
        expect(stringArgument(args[0])).toBe(pathname);
        expect(listArgument(args[1])).toEqual(argv);
        expect(listArgument(args[2])).toEqual(['PATH=/bin']);
        expect(stringArgument(callArguments(mkdirat!.text)[1])).toBe(pathname);
      }),
    );
  });

  it('gives the fields of structures', () => {
    const b = new ProgramBuilder();
    b.call('prlimit64', { pid: 0, resource: 7, new_limit: { rlim_cur: 5, rlim_max: 2n ** 63n }, old_limit: null });
    const args = callArguments(b.build().print()[0]!.text);
    expect(fieldArgument(args[2], 'rlim_max')).toBe(2n ** 63n);
    expect(fieldArgument(args[2], 'rlim_cur')).toBe(5n);
    expect(fieldArgument(args[2], 'rlim_none')).toBe(0n);
  });

  it('is patient with texts that are no calls', () => {
    fc.assert(fc.property(fc.string(), (value) => callArguments(value).every((arg) => typeof arg === 'string')));
    expect(callArguments('goto 7')).toEqual([]);
    expect(stringArgument('"cut')).toBeUndefined();
  });
});

describe('the line of a script', () => {
  it.each([
    ['#!/bin/sh\necho', '/bin/sh', undefined],
    ['#! \t/usr/bin/env node --x \n', '/usr/bin/env', 'node --x'],
    ['#!/bin/sh\r\necho', '/bin/sh\r', undefined],
    ['#!/bin/sh', '/bin/sh', undefined],
  ])('%j', (head, interpreter, argument) => {
    expect(parseScriptLine(text(head))).toEqual({ interpreter, argument });
  });

  it('is none without an interpreter, or with a path that the kernel does not see whole', () => {
    expect(parseScriptLine(text('#!\n/bin/sh'))).toBeUndefined();
    expect(parseScriptLine(text('echo'))).toBeUndefined();
    expect(parseScriptLine(text(`#!/${'x'.repeat(300)}\n`))).toBeUndefined();
    expect(parseScriptLine(text(`#!/bin/sh ${'x'.repeat(300)}\n`))?.interpreter).toBe('/bin/sh');
  });
});

it('names machines by number and byte order', () => {
  expect(machineName({ machine: 183, littleEndian: true, bits: 64 })).toBe('aarch64');
  expect(machineName({ machine: 183, littleEndian: false, bits: 64 })).toBe('aarch64_be');
  expect(machineName({ machine: 21, littleEndian: true, bits: 64 })).toBe('ppc64le');
  expect(machineName({ machine: 22, littleEndian: false, bits: 64 })).toBe('s390x');
  expect(machineName({ machine: 8, littleEndian: true, bits: 64 })).toBe('mips64el');
  expect(machineName({ machine: 9999, littleEndian: true, bits: 64 })).toBe('machine 9999');
  expect(isForHost({ machine: 3, littleEndian: true }, 'x64')).toBe(true);
  expect(isForHost({ machine: 183, littleEndian: false }, 'arm64')).toBe(false);
});

it.each([
  ['', 'the file is empty'],
  ['\uFEFF#!/bin/sh\n', 'a byte order mark stands before #!'],
  ['echo hello\n', 'it is a text file without an interpreter'],
  ['MZ\x90', 'it is a Windows program (MZ)'],
  ['version https://git-lfs.github.com/spec/v1\n', 'it is the pointer of a file in git-lfs'],
  ['\x00\x01\x02', 'it is in no format that the kernel runs'],
])('tells what %j is', (head, what) => {
  expect(fileKind(text(head)).what).toBe(what);
});

it('reads registered formats', () => {
  const entry = `enabled
interpreter /usr/libexec/qemu-binfmt/aarch64-binfmt-P
flags: POF
offset 0
magic 7f454c460201010000000000000000000200b700
mask ffffffffffffff00fffffffffffffffffeffffff
`;
  const format = parseFormat('qemu-aarch64', entry)!;
  expect(format).toMatchObject({ interpreter: '/usr/libexec/qemu-binfmt/aarch64-binfmt-P', flags: 'POF' });
  const head = Buffer.from('7f454c4602010103000000000000000003 00b700'.replace(' ', ''), 'hex');
  expect(format.matches(head)).toBe(true);
  expect(format.matches(head.subarray(0, 10))).toBe(false);
  expect(format.matches(text('#!/bin/sh'))).toBe(false);
  expect(parseFormat('x', entry.replace('enabled', 'disabled'))).toBeUndefined();
});

const status = `Name:\tsh
Uid:\t1000\t1000\t1000\t1001
Gid:\t1000\t1000\t1000\t1000
Groups:\t4 24 1000 
NSpid:\t12
CapInh:\t0000000000000000
CapPrm:\t00000000a80425fb
CapEff:\t0000000000000002
CapBnd:\t000001ffffffffff
CapAmb:\t0000000000000000
NoNewPrivs:\t1
Seccomp:\t2
`;

it('reads who a process is for files', () => {
  expect(parseSubject(status)).toMatchObject({
    uid: 1001,
    gid: 1000,
    groups: [4, 24, 1000],
    effective: 2n,
    filtered: true,
  });
});

it('reads id maps both ways', () => {
  const map = parseIdMap('         0     100000      65536\n      70000          5          1\n');
  expect(insideId(map, 100_007)).toBe(7);
  expect(insideId(map, 5)).toBe(70_000);
  expect(insideId(map, 0)).toBeUndefined();
  expect([isMapped(map, 65_535), isMapped(map, 65_536), isMapped(map, 70_000)]).toEqual([true, false, true]);
  expect(insideId(parseIdMap(undefined), 12)).toBe(12);
});

it('names the security module that confines a process', () => {
  expect(describeModule('docker-default (enforce)', 'capability,apparmor', undefined)?.name).toBe(
    'AppArmor profile docker-default (enforce)',
  );
  expect(describeModule('unconfined', 'capability,apparmor', undefined)).toBeUndefined();
  expect(describeModule('x (complain)', 'capability,apparmor', undefined)).toBeUndefined();
  expect(describeModule('system_u:system_r:container_t:s0', 'selinux', '1')?.name).toBe(
    'SELinux (label system_u:system_r:container_t:s0)',
  );
  expect(describeModule(undefined, 'capability,landlock,bpf', '0')?.name).toBe('a security module (bpf)');
});

it('finds the groups that may limit processes, innermost first', () => {
  expect(pidsGroups('8:pids:/a/b\n0::/c\n')).toEqual([
    '/sys/fs/cgroup/pids/a/b',
    '/sys/fs/cgroup/pids/a',
    '/sys/fs/cgroup/c',
    '/sys/fs/cgroup/unified/c',
  ]);
  expect(pidsGroups('0::/\n')).toEqual([]);
});

it('knows how much room arguments have', () => {
  const limits = (soft: string) =>
    `Limit  Soft Limit\nMax stack size            ${soft}              unlimited            bytes\n`;
  expect(totalLimit(limits('8388608'))).toBe(2 * 1024 * 1024);
  expect(totalLimit(limits('1024'))).toBe(131_072);
  expect(totalLimit(limits('unlimited'))).toBe(6 * 1024 * 1024);
});

it('tells which limit of namespaces is spent', () => {
  const net = { kind: 'NEWNET', name: 'user.max_net_namespaces', path: '/x/net', limit: 0, used: 1 } as const;
  const pid = { kind: 'NEWPID', name: 'user.max_pid_namespaces', path: '/x/pid', limit: 100, used: 3 } as const;
  expect(describeExhaustion([pid, net], 1)).toEqual({
    cause: 'user.max_net_namespaces is 0: no such namespace is allowed',
    path: '/x/net',
    hint: 'raise it: sysctl -w user.max_net_namespaces=1024',
  });
  expect(describeExhaustion([{ ...pid, used: 100 }], 1)?.cause).toBe('user.max_pid_namespaces is 100: 100 exist');
  expect(describeExhaustion([pid], 32)?.cause).toBe('pid namespaces can be nested 32 deep at most');
  expect(describeExhaustion([pid], 2)?.cause).toBe('too many namespaces of one kind: user.max_pid_namespaces is 100');
  expect(describeExhaustion([], 2)).toBeUndefined();
});
