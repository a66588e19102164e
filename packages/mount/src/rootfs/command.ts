import { AT_FDCWD, type ErrorActions, type FdNumber, fdAt, type Label, type ProgramBuilder } from '@nsinit/syscall';
import { MountError } from '../error.ts';
import { compileChild } from './child.ts';
import type { CommandEntry } from './types.ts';

/** What {@link compileCommand} needs beside the command. */
export interface CommandOptions {
  /** Where standard output and error go: a memfd with O_APPEND, which is emptied before each command. */
  readonly output: FdNumber;
  /** Environment of commands that have none of their own; undefined: empty. */
  readonly environment?: readonly string[];
}

const defaultPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/**
 * Runs a program and waits for it. It gets the host's /dev/null as standard input, `output` as standard output and
 * error, no other descriptor, and umask 022. When it cannot be started the report is that of its execve(2); when it
 * fails the report has ECANCELED with its exit status, or the signal that ended it, as the value.
 *
 * The program of instructions must run in nsexec: clone3(2) and execve(2) cannot run in a process with threads.
 *
 * @param field the configuration field of the command, such as `mounts[0].premountCmds[1]`
 * @throws {MountError} for an empty path
 */
export function compileCommand(
  b: ProgramBuilder,
  command: CommandEntry,
  { output, environment = [], field }: CommandOptions & { readonly field: string },
): void {
  if (command.path === '') throw new MountError('ERR_MOUNT_CONFIG', 'the path of a command is empty', field);
  b.because({ what: `run ${command.path}`, field }, () => {
    b.call('ftruncate', { fd: output, length: 0 });
    compileChild(b, { name: command.path }, () => compileExecution(b, command, output, command.env ?? environment));
  });
}

function compileExecution(b: ProgramBuilder, command: CommandEntry, output: FdNumber, env: readonly string[]): void {
  b.call('umask', { mask: 0o022 });
  const input = b.call('openat', { dirfd: AT_FDCWD, pathname: '/dev/null', flags: ['O_RDONLY'] }, { as: 'input' });
  // EINVAL: it is descriptor 0 already.
  b.call('dup3', { oldfd: input, newfd: fdAt(0), flags: [] }, { on: { EINVAL: 'ignore' } });
  b.call('dup3', { oldfd: output, newfd: fdAt(1), flags: [] });
  b.call('dup3', { oldfd: output, newfd: fdAt(2), flags: [] });
  b.call('close_range', { first: 3, last: 0xffffffff, flags: ['CLOSE_RANGE_CLOEXEC'] });
  if (command.dir !== undefined) b.call('chdir', { path: command.dir });
  const argv = [command.path, ...(command.args ?? [])];
  const candidates = candidatePaths(command.path, env);
  for (const [index, pathname] of candidates.entries()) {
    const last = index === candidates.length - 1;
    const next: Label = b.label('next');
    const on: ErrorActions = last ? {} : { ENOENT: next, ENOTDIR: next, EACCES: next };
    b.call('execve', { pathname, argv, envp: env }, { on });
    b.place(next);
  }
}

function candidatePaths(path: string, env: readonly string[]): readonly string[] {
  if (path.includes('/')) return [path];
  const search = env.findLast((entry) => entry.startsWith('PATH='))?.slice('PATH='.length) || defaultPath;
  return search.split(':').map((dir) => (dir === '' ? path : `${dir}/${path}`));
}
