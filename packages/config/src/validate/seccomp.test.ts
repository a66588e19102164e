import { describe, expect, it } from 'vitest';
import type { Config } from '../config.ts';
import { problemText } from '../error.ts';
import type { SeccompProfile } from '../seccomp-profile.ts';
import { template } from '../template.ts';
import { findProblems } from './validate.ts';

const texts = (changes: Partial<Config>): readonly string[] =>
  findProblems({ ...template({ rootfs: '/srv/busybox' }), ...changes }).map(problemText);

describe('seccomp', () => {
  it('has known actions, operators and arguments', () => {
    const syscalls = [
      { value: 'clone', action: 1, args: [{ index: 6, value: -1, op: 5 }] },
      { value: -1, action: -4 },
      { value: '', action: 4096 },
    ];
    expect(texts({ seccomp: { syscalls } })).toEqual([
      'seccomp.syscalls[0].args[0].index: argument 6 is out of range, expected 0 to 5',
      'seccomp.syscalls[0].args[0].op: operator 5 is out of range, expected 0 to 4',
      'seccomp.syscalls[0].args[0].value: -1 is no unsigned 64-bit integer',
      'seccomp.syscalls[1].value: system call -1 is out of range, expected 0 to 2147483647',
      'seccomp.syscalls[1].action: action -4 is out of range, expected -3 to 4095',
      'seccomp.syscalls[2].value: the name of the system call is empty',
      'seccomp.syscalls[2].action: action 4096 is out of range, expected -3 to 4095',
    ]);
  });

  it('has a name that there is', () => {
    expect(texts({ seccomp: 'hihg' as 'high' })).toEqual([expect.stringMatching(/^seccomp: unknown filter "hihg"/)]);
    expect(texts({ seccomp: 'default' })).toEqual([]);
  });

  it('of the runtime specification has known actions and operators', () => {
    const op = 'SCMP_CMP_EQL' as 'SCMP_CMP_EQ';
    const seccomp: SeccompProfile = {
      defaultAction: 'SCMP_ACT_ALOW' as 'SCMP_ACT_ALLOW',
      listenerPath: 'agent.sock',
      syscalls: [
        { action: 'SCMP_ACT_ERRNO', errnoRet: -1 },
        { names: ['open'], action: 'SCMP_ACT_LOG', args: [{ index: 6, value: -1, valueTwo: 2n ** 64n, op }] },
      ],
    };
    expect(texts({ seccomp })).toEqual([
      expect.stringContaining('seccomp.defaultAction: unknown action "SCMP_ACT_ALOW"'),
      'seccomp.listenerPath: socket "agent.sock" is not an absolute path',
      'seccomp.syscalls[0].names: the rule names no system call',
      'seccomp.syscalls[0].errnoRet: errno -1 is out of range, expected 0 to 65535',
      'seccomp.syscalls[1].args[0].index: argument 6 is out of range, expected 0 to 5',
      expect.stringContaining('seccomp.syscalls[1].args[0].op: unknown operator "SCMP_CMP_EQL"'),
      'seccomp.syscalls[1].args[0].value: -1 is no unsigned 64-bit integer',
      'seccomp.syscalls[1].args[0].valueTwo: 18446744073709551616 is no unsigned 64-bit integer',
    ]);
  });
});
