import type { Config } from '../config.ts';
import { UINT64_MAX } from '../integers.ts';
import { isSeccompProfile, SECCOMP_PROFILES, type Seccomp } from '../seccomp.ts';
import { OCI_SECCOMP_ACTIONS, OCI_SECCOMP_OPERATORS, type SeccompProfile } from '../seccomp-profile.ts';
import type { Checker } from './checker.ts';

/** Largest errno that the kernel gives from a filter (MAX_ERRNO). */
const ERRNO_MAX = 4095;

/** The filter has known actions and operators, or a name that there is. */
export function checkSeccomp({ seccomp }: Config, checker: Checker): void {
  if (seccomp === undefined) return;
  if (typeof seccomp === 'string') checker.oneOf('seccomp', 'filter', seccomp, SECCOMP_PROFILES);
  else if (isSeccompProfile(seccomp)) checkProfile(seccomp, checker);
  else checkLegacy(seccomp, checker);
}

function checkLegacy({ syscalls }: Seccomp, checker: Checker): void {
  syscalls.forEach(({ value, action, args }, index) => {
    const place = `seccomp.syscalls[${index}]`;
    if (value === '') checker.add(`${place}.value`, 'the name of the system call is empty');
    if (typeof value === 'number') checker.range(`${place}.value`, 'system call', value, 0, 0x7fff_ffff);
    checker.range(`${place}.action`, 'action', action, -3, ERRNO_MAX);
    args?.forEach((arg, position) => {
      checker.range(`${place}.args[${position}].index`, 'argument', arg.index, 0, 5);
      checker.range(`${place}.args[${position}].op`, 'operator', arg.op, 0, 4);
      if (arg.value < 0 || arg.value > UINT64_MAX) {
        checker.add(`${place}.args[${position}].value`, `${arg.value} is no unsigned 64-bit integer`);
      }
    });
  });
}

/** What can be said without tables of system calls: the compiler of filters says the rest. */
function checkProfile(
  { defaultAction, defaultErrnoRet, listenerPath, syscalls = [] }: SeccompProfile,
  checker: Checker,
) {
  checker.oneOf('seccomp.defaultAction', 'action', defaultAction, OCI_SECCOMP_ACTIONS);
  checker.range('seccomp.defaultErrnoRet', 'errno', defaultErrnoRet, 0, 0xffff);
  if (listenerPath !== undefined) checker.absolute('seccomp.listenerPath', 'socket', listenerPath);
  syscalls.forEach(({ name, names = [], action, errnoRet, args }, index) => {
    const place = `seccomp.syscalls[${index}]`;
    if (name === undefined && names.length === 0) checker.add(`${place}.names`, 'the rule names no system call');
    checker.oneOf(`${place}.action`, 'action', action, OCI_SECCOMP_ACTIONS);
    checker.range(`${place}.errnoRet`, 'errno', errnoRet, 0, 0xffff);
    args?.forEach((arg, position) => {
      const at = `${place}.args[${position}]`;
      checker.range(`${at}.index`, 'argument', arg.index, 0, 5);
      checker.oneOf(`${at}.op`, 'operator', arg.op, OCI_SECCOMP_OPERATORS);
      for (const key of ['value', 'valueTwo'] as const) {
        const value = arg[key] ?? 0;
        if (value < 0 || value > UINT64_MAX) checker.add(`${at}.${key}`, `${value} is no unsigned 64-bit integer`);
      }
    });
  });
}
