import { errnoMessage } from '@nsinit/syscall';
import { commandCandidates, environmentMap } from '../process/environment.ts';
import { argumentsTooBig } from './argument-size.ts';
import { registeredFormats } from './binfmt.ts';
import { listArgument } from './call-text.ts';
import type { Explanation, Failure, Rule } from './failure.ts';
import { securityModule, whyRefused } from './privilege.ts';
import { findObstacle, type Obstacle } from './program-file.ts';
import { openContainerView, openProcessView } from './view.ts';

/** A program that was to be executed. */
interface Attempt {
  /** As it was asked for. */
  readonly name: string;
  readonly args: readonly string[];
  readonly env: readonly string[];
  readonly cwd: string;
  /** The files that were tried. */
  readonly candidates: readonly string[];
  /** Whether it is a command of a mount, which runs before the container is entered. */
  readonly outside: boolean;
}

const commandField = /\.(?:pre|post)mountCmds\[\d+\]$/;
/** Errors that make a search in PATH go on with the next directory. */
const searchGoesOn: readonly string[] = ['ENOENT', 'ENOTDIR', 'EACCES'];

/**
 * Failures of execve(2), and of the search for a program.
 *
 * The exit code is that of bash 5.2 and dash: 127 when something does not exist, be it the command or the interpreter that
 * it needs, 126 for every other reason. Commands of mounts have none: it is not they who were to be run.
 */
export const execRules: readonly Rule[] = [
  { ops: ['execve', 'execveat'], explain: explainExec },
  { ops: ['fail'], errnos: ['ENOENT', 'EACCES'], field: /^args$/, explain: explainExec },
];

function explainExec(failure: Failure): Explanation {
  const attempt = attemptOf(failure);
  const found = explainAttempt(failure, attempt);
  return attempt.outside ? found : { ...found, exitCode: failure.errno === 'ENOENT' ? 127 : 126 };
}

function attemptOf(failure: Failure): Attempt {
  const { context, errno } = failure;
  const outside = commandField.test(failure.field);
  const pathname = failure.op === 'fail' ? undefined : failure.string(0);
  const args = (outside ? listArgument(failure.args[1]) : undefined) ?? context.args;
  const env = (outside ? listArgument(failure.args[2]) : undefined) ?? context.env;
  const name = args[0] ?? pathname ?? '';
  const searched = !name.includes('/') && (pathname === undefined || searchGoesOn.includes(errno));
  const search = searched ? commandCandidates(name, env) : [];
  return {
    name,
    args,
    env,
    cwd: outside ? '/' : (context.cwd ?? '/'),
    candidates: search.length > 0 || pathname === undefined ? search : [pathname],
    outside,
  };
}

function explainAttempt(failure: Failure, attempt: Attempt): Explanation {
  const { errno, error } = failure;
  const about = (path: string) => (attempt.outside ? {} : { about: `exec: ${JSON.stringify(path)}` });
  const words = errnoMessage(error.errno);
  const path = attempt.name.includes('/') ? attempt.name : (attempt.candidates[0] ?? attempt.name);
  if (errno === 'E2BIG') return { ...about(attempt.name), ...argumentsTooBig(attempt, failure.context.pid) };
  if (errno === 'ETXTBSY')
    return {
      ...about(path),
      path,
      cause: `${words}: the file is open for writing`,
      hint: 'close it in the process that writes it, or put a new file in its place (rename) instead of writing into it',
    };
  const obstacles = look(failure, attempt);
  const obstacle = obstacles.find((one) => one.errno === errno && !one.absent);
  if (obstacle) {
    const program = attempt.name.includes('/') ? attempt.name : obstacle.command;
    return { ...about(program), path: obstacle.path, cause: `${words}: ${obstacle.cause}`, hint: obstacle.hint };
  }
  if (!attempt.name.includes('/') && errno === 'ENOENT')
    return { ...about(attempt.name), path: attempt.name, ...notInPath(attempt) };
  const absent = obstacles.find((one) => one.errno === errno);
  if (absent)
    return { ...about(path), path: absent.path, cause: absent.cause === '' ? words : `${words}: ${absent.cause}` };
  return { ...about(path), path, ...unseen(failure) };
}

function look(
  failure: Failure,
  { candidates, cwd, outside }: Attempt,
): readonly (Obstacle & { readonly command: string })[] {
  const opened = outside ? openProcessView(failure.context) : openContainerView(failure.context);
  if (opened === undefined) return [];
  using view = opened;
  const at = { view, subject: outside ? failure.actor : failure.user, cwd, formats: registeredFormats() };
  return candidates.flatMap((command) => {
    const obstacle = findObstacle(at, command);
    return obstacle ? [{ ...obstacle, command }] : [];
  });
}

function notInPath({ env }: Attempt): Pick<Explanation, 'cause' | 'hint'> {
  const path = environmentMap(env).get('PATH');
  return {
    cause: 'executable file not found in $PATH',
    hint: path ? `PATH is ${path}` : 'the environment has no PATH: add one, or give the path of the program',
  };
}

/** Neither modes nor mounts nor the file itself explain it. */
function unseen(failure: Failure): Pick<Explanation, 'cause' | 'hint'> {
  const words = errnoMessage(failure.error.errno);
  switch (failure.errno) {
    case 'EACCES': {
      if (failure.context.landlock)
        return {
          cause: `${words}: landlock.paths does not allow it`,
          hint: 'allow execute and read_file for the program and its interpreter in landlock.paths, or leave execute out of landlock.handled_files',
        };
      const module = securityModule(failure.context.pid ?? 'self');
      if (module) return { cause: `${words}, perhaps by ${module.name}`, hint: module.hint };
      return {
        cause: words,
        hint: 'modes and mount options allow it: look for an access control list (getfacl), a security module (dmesg) or a network file system',
      };
    }
    case 'EPERM':
      return whyRefused(failure, 'CAP_SYS_ADMIN');
    case 'ENOMEM':
      return { cause: words, hint: 'raise the memory limit of the container, or RLIMIT_AS' };
    case 'EAGAIN':
      return { cause: words, hint: 'the user has more processes than its RLIMIT_NPROC allows' };
    default:
      return { cause: words };
  }
}
