import type { Config } from '../config.ts';
import { UINT64_MAX } from '../integers.ts';
import type { Checker } from './checker.ts';

/** Largest errno that the kernel gives from a filter (MAX_ERRNO). */
const ERRNO_MAX = 4095;

/** The filter has known actions and operators. */
export function checkSeccomp({ seccomp }: Config, checker: Checker): void {
  seccomp?.syscalls.forEach(({ value, action, args }, index) => {
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
