import type { ProgramBuilder } from '@nsinit/syscall';
import { compileAttribute } from '../attribute.ts';
import { checkProfileName } from './profile-name.ts';

/** How a profile is put on a process. */
export interface ExecProfileOptions {
  /** True: beside the profile that confines the process already, so that both hold. undefined: in its place. */
  readonly stack?: boolean;
  /** The configuration's field, for the printed program; undefined: `apparmorProfile`. */
  readonly field?: string;
}

/**
 * Lets the next execve(2) of the process put it under a profile, which must be loaded by then. aa_change_onexec(3),
 * aa_stack_onexec(3)
 *
 * @throws {LsmError} for a text that no profile can be called.
 */
export function compileExecProfile(b: ProgramBuilder, name: string, options: ExecProfileOptions = {}): void {
  checkProfileName(name);
  const { stack = false, field = 'apparmorProfile' } = options;
  const what = `let exec ${stack ? 'add' : 'take'} the AppArmor profile ${name}`;
  b.because({ field, what }, () =>
    compileAttribute(b, {
      // The directory of AppArmor's own is there since Linux 5.8; the older name belongs to one module of several.
      names: ['attr/apparmor/exec', 'attr/exec'],
      text: `${stack ? 'stack' : 'exec'} ${name}`,
      refusals: [
        { errno: 'ENOENT', what: `the AppArmor profile ${JSON.stringify(name)} is not loaded` },
        { errno: 'EINVAL', what: 'this kernel does not use AppArmor' },
      ],
    }),
  );
}
