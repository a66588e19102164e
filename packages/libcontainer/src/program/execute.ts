import type { ProgramBuilder } from '@nsinit/syscall';
import { commandCandidates } from '../process/environment.ts';

/**
 * Replaces the process by its program. A name without a slash is tried in each directory of PATH; one that is there but
 * may not be executed is remembered, and reported when no other is found, as a shell does. execvp(3)
 */
export function compileExecute(b: ProgramBuilder, args: readonly string[], env: readonly string[]): void {
  const name = args[0]!;
  const candidates = commandCandidates(name, env);
  b.because({ what: `execute ${name}`, field: 'args' }, () => {
    if (name.includes('/')) {
      b.call('execve', { pathname: name, argv: args, envp: env });
      return;
    }
    const denied = b.variable('denied');
    for (const pathname of candidates) {
      const refused = b.label();
      const next = b.label();
      b.call('execve', { pathname, argv: args, envp: env }, { on: { ENOENT: next, ENOTDIR: next, EACCES: refused } });
      b.place(refused);
      b.assign(denied, 1);
      b.place(next);
    }
    const missing = b.label();
    b.branch(denied, '==', 0, missing);
    b.fail({ errno: 13, what: `execute ${name}: permission denied in $PATH` });
    b.place(missing);
    b.fail({ errno: 2, what: `exec: ${JSON.stringify(name)}: executable file not found in $PATH` });
  });
}
