import { type NamespaceJoin, namespaceKinds } from '@nsinit/namespaces';
import {
  AT_FDCWD,
  constant,
  decodeStruct,
  errnoMessage,
  Fd,
  type SyscallError,
  sizeOf,
  tryInvoke,
} from '@nsinit/syscall';
import { ContainerError } from '../errors.ts';
import { stringArgument } from './call-text.ts';
import type { Explanation, Failure, Rule } from './failure.ts';
import { oneLine, readLink } from './host.ts';
import { kindsIn } from './namespace-limits.ts';
import { whyRefused } from './privilege.ts';
import { assumedSubject, readSubject } from './subject.ts';
import { openProcessView } from './view.ts';
import { faultOnTheWay } from './way.ts';

/** Failures of setns(2). */
export const namespaceJoinRules: readonly Rule[] = [{ ops: ['setns'], explain: explainJoin }];

const joinHint = 'give a path such as /proc/PID/ns/net of a running process, or one that a namespace is mounted on';

function explainJoin(failure: Failure): Explanation | undefined {
  const [kind] = kindsIn(failure.error.step.text);
  const path = /^join the namespace (.+)$/s.exec(failure.what)?.[1];
  const wanted = kind && namespaceKinds[kind].file;
  switch (failure.errno) {
    case 'EINVAL': {
      if (path === undefined || wanted === undefined) return undefined;
      const actual = namespaceFileKind(path);
      if (actual === undefined) return { cause: `${path} is not the file of a namespace`, path, hint: joinHint };
      if (actual !== wanted)
        return {
          cause: `${path} is a namespace of kind ${actual}, not ${wanted}`,
          path,
          hint: `give it the type of ${actual} namespaces`,
        };
      if (wanted === 'user')
        return { cause: 'the process is in this user namespace already', path, hint: 'leave the entry out' };
      return undefined;
    }
    case 'EPERM':
      return (
        (path && ownedElsewhere(path)) || {
          path,
          ...whyRefused(failure, 'CAP_SYS_ADMIN', {
            cause: `joining ${wanted ?? 'them'} needs CAP_SYS_ADMIN in the user namespace that owns it`,
            hint: 'join the user namespace that owns it too (/proc/PID/ns/user of the same process)',
          }),
        }
      );
    case 'ESRCH':
      return {
        cause: 'the process whose namespaces were to be joined has ended',
        hint: 'look whether the container still runs',
      };
    default:
      return undefined;
  }
}

/** The reason when a namespace is of a process in a user namespace of its own: nobody else has a right to it. */
function ownedElsewhere(path: string): Explanation | undefined {
  const owner = /^\/proc\/\d+\/ns\//.exec(path)?.[0];
  if (owner === undefined || process.geteuid!() === 0) return undefined;
  const user = readLink(`${owner}user`);
  if (user === undefined || user === readLink('/proc/self/ns/user')) return undefined;
  return {
    cause: `its process is in a user namespace of its own (${user}), which alone gives the right`,
    path,
    hint: `join that in place of a new one: NEWUSER with the path ${owner}user`,
  };
}

/** The kind that a file of nsfs says it has, such as `net`; undefined when the file is none. */
export function namespaceFileKind(path: string): string | undefined {
  const opened = tryInvoke('openat', { dirfd: AT_FDCWD, pathname: path, flags: ['O_PATH', 'O_CLOEXEC'] });
  if (opened < 0) return undefined;
  using fd = new Fd(opened);
  const buf = new Uint8Array(sizeOf('statfs'));
  if (tryInvoke('fstatfs', { fd, buf }) < 0) return undefined;
  const { f_type } = decodeStruct('statfs', new DataView(buf.buffer));
  if (Number(f_type) !== constant('magic', 'NSFS_MAGIC')) return undefined;
  return /^(\w+):\[/.exec(readLink(`/proc/self/fd/${fd.fd}`) ?? '')?.[1];
}

/**
 * The error of a namespace that could not even be opened: which part of its path is at fault. A launch opens the files of
 * its joins before there is a process, so that these are no failed steps.
 *
 * @param joins what the launch was to join
 * @param error what it failed with
 * @returns undefined when the error is not about one of them
 */
export function explainNamespacePath(joins: readonly NamespaceJoin[], error: SyscallError): ContainerError | undefined {
  const opened = error.syscall === 'openat' ? stringArgument(error.args[1]) : undefined;
  const join = joins.find(({ path }) => path === opened);
  if (!join) return undefined;
  const { path, kind, field = 'namespaces' } = join;
  const step = `open the ${namespaceKinds[kind].file} namespace ${path}`;
  const { cause, hint } = explainOpen(path, error);
  return new ContainerError('SystemError', oneLine(`${field}: ${step}: ${cause}`), {
    step,
    errno: error.code,
    path,
    field,
    hint,
    cause: error,
  });
}

function explainOpen(path: string, error: SyscallError): { readonly cause: string; readonly hint: string } {
  const words = errnoMessage(error.errno);
  const process = /^\/proc\/(\d+)\/ns\/(\w+)$/.exec(path);
  if (process && error.code === 'ENOENT') {
    const [, pid, file] = process;
    if (readLink(`/proc/${pid}/exe`) === undefined && readSubject(Number(pid)) === undefined)
      return { cause: `there is no process ${pid}`, hint: joinHint };
    return { cause: `process ${pid} has no namespace file ${file}`, hint: joinHint };
  }
  if (process && (error.code === 'EACCES' || error.code === 'EPERM'))
    return {
      cause: `${words}: process ${process[1]} belongs to somebody else`,
      hint: 'run as its user, or with CAP_SYS_PTRACE',
    };
  const opened = openProcessView({});
  if (opened === undefined) return { cause: words, hint: joinHint };
  using view = opened;
  const subject = readSubject('self') ?? assumedSubject({ uid: 0, gid: 0, groups: [] });
  const fault = faultOnTheWay(view, path, subject);
  return { cause: fault?.cause ?? words, hint: fault?.hint ?? joinHint };
}
