import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fdAt } from '@nsinit/syscall';
import type { NamespaceKind } from '../kinds.ts';
import { autoMap, type UserMaps } from '../user/auto-map.ts';
import { writeIdMaps } from '../user/write-maps.ts';
import { launch } from './launch.ts';
import { planLaunch } from './plan.ts';
import type { LaunchedProcess, LaunchOptions } from './process.ts';

/** What a command is run with. */
export interface UnshareOptions {
  /** Kinds of namespaces that it gets for itself. Default a user namespace, in which it may make and change the rest. */
  readonly namespaces?: readonly NamespaceKind[];
  /** The maps of its user namespace. Default {@link autoMap}: this user is root inside. */
  readonly maps?: UserMaps;
  /** Its environment as `NAME=value`. Default that of this process. */
  readonly env?: readonly string[];
  /** Default standard input, output and error of this process. */
  readonly stdio?: LaunchOptions['stdio'];
  /** Ends the start when aborted. */
  readonly signal?: AbortSignal;
}

/**
 * Runs a command in new namespaces, as unshare(1) does, without privileges where a user namespace is among them: it is root
 * there. Its root directory and working directory are those of this process.
 *
 * @param argv program, looked for in PATH when it holds no slash, and arguments.
 * @returns the process, when it has executed the program.
 * @throws {StepError} when a namespace cannot be made or the program not executed, {IdMapError} for maps that are refused.
 *
 * @example
 * const sandboxed = await unshare(['sh', '-c', 'id -u; ip link'], { namespaces: ['NEWUSER', 'NEWNET'] });
 * console.log((await sandboxed.exited).exitCode); // 0, lo, 0
 */
export async function unshare(argv: readonly string[], options: UnshareOptions = {}): Promise<LaunchedProcess> {
  const { namespaces = ['NEWUSER'], stdio = [fdAt(0), fdAt(1), fdAt(2)], signal } = options;
  const [name] = argv;
  if (!name) throw new TypeError('a command needs a program');
  const env = options.env ?? Object.entries(process.env).map(([key, value]) => `${key}=${value}`);
  const mapped = namespaces.includes('NEWUSER');
  const maps = mapped ? (options.maps ?? autoMap()) : undefined;
  const plan = planLaunch({ newNamespaces: namespaces, barrier: mapped }, (b, { firstPrivate }) => {
    if (mapped)
      b.because({ what: 'become root of the user namespace' }, () => {
        b.call('setresgid', { rgid: 0, egid: 0, sgid: 0 });
        b.call('setresuid', { ruid: 0, euid: 0, suid: 0 });
      });
    b.call('close_range', { first: firstPrivate, last: 0xffff_ffff, flags: ['CLOSE_RANGE_CLOEXEC'] });
    b.call('execve', { pathname: findProgram(name), argv, envp: env }, { what: `execute ${name}` });
  });
  return await launch(plan, {
    stdio,
    ...(signal ? { signal } : {}),
    ...(maps ? { onCreated: (pid: number) => writeIdMaps(pid, maps) } : {}),
  });
}

/** The path of a program as a shell finds it; the name itself when there is none. */
function findProgram(name: string): string {
  if (name.includes('/')) return name;
  const candidates = (process.env['PATH'] ?? '').split(delimiter).map((dir) => join(dir || '.', name));
  return candidates.find(isExecutable) ?? name;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
