import { fstatSync, readFileSync } from 'node:fs';
import type { Config, Mount } from '@nsinit/config';
import { containsNamespace } from '@nsinit/config';
import { AT_FDCWD, errnos, Fd, type FdNumber, tryInvoke } from '@nsinit/syscall';
import { type ExecUser, getAdditionalGroups, getExecUser, UserError } from '@nsinit/user';
import { ContainerError } from '../errors.ts';

/** Larger files are refused: the file belongs to the container, and we hold its text in memory. */
const largestFile = 4 * 1024 * 1024;

/** The texts of /etc/passwd and /etc/group as the container will see them; undefined where there is none. */
export interface UserFiles {
  readonly passwd: string | undefined;
  readonly group: string | undefined;
}

/** Reads the user files of a container that is about to start, mounts of the configuration considered. */
export function userFilesOf(config: Config): UserFiles {
  return { passwd: readOf(config, '/etc/passwd'), group: readOf(config, '/etc/group') };
}

/** Reads the user files below an open root, such as `/proc/PID/root` of a running container. */
export function userFilesBelow(root: FdNumber): UserFiles {
  return { passwd: readBelow(root, '/etc/passwd'), group: readBelow(root, '/etc/group') };
}

/** Who a process runs as: ids, groups without repetitions, home directory. */
export interface ProcessUser extends ExecUser {
  /** All supplementary groups. */
  readonly groups: readonly number[];
  /** The user namespace has no setgroups(2): the process keeps the groups of who started it, which are nobody's inside. */
  readonly keepsGroups?: boolean;
}

/**
 * Looks up a user and the additional groups by the container's own files.
 *
 * @throws {ContainerError} ConfigInvalid, naming the field, for a user or group that does not exist.
 */
export function lookUpUser(spec: string, additionalGroups: readonly string[], files: UserFiles): ProcessUser {
  const user = explain('user', () =>
    getExecUser(spec, withoutUndefined(files), { uid: 0, gid: 0, sgids: [], home: '/' }),
  );
  const added = explain('additionalGroups', () => getAdditionalGroups(additionalGroups, files.group));
  return { ...user, groups: [...new Set([...user.sgids, ...added])] };
}

function explain<T>(field: string, look: () => T): T {
  try {
    return look();
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    throw new ContainerError('ConfigInvalid', `${field}: ${error.message}`, {
      field,
      step: 'look up the user inside the container',
      hint: 'give a name of the container\u2019s /etc/passwd or /etc/group, or a number',
      cause: error,
    });
  }
}

function withoutUndefined({ passwd, group }: UserFiles): { passwd?: string; group?: string } {
  return { ...(passwd === undefined ? {} : { passwd }), ...(group === undefined ? {} : { group }) };
}

/** A bind mount that covers the file decides what is read; any other mount over it hides it. */
function readOf(config: Config, file: string): string | undefined {
  const cover = containsNamespace(config.namespaces, 'NEWNS') ? covering(config.mounts ?? [], file) : undefined;
  if (cover === undefined) return readBelowPath(config.rootfs, file);
  if (cover.device !== 'bind') return undefined;
  const rest = file.slice(cover.destination.replace(/\/+$/, '').length);
  return rest === '' ? readBelowPath('/', cover.source) : readBelowPath(cover.source, rest);
}

function covering(mounts: readonly Mount[], file: string): Mount | undefined {
  return mounts.findLast(({ destination }) => {
    const path = destination.replace(/\/+$/, '');
    return file === path || file.startsWith(`${path}/`);
  });
}

function readBelowPath(dir: string, file: string): string | undefined {
  const args = { dirfd: AT_FDCWD, pathname: dir, flags: ['O_PATH', 'O_CLOEXEC'] } as const;
  const opened = tryInvoke('openat', args);
  if (opened < 0) return undefined;
  using root = new Fd(opened);
  return readBelow(root, file);
}

/** Reads a regular file of the container without leaving its root, whatever links it holds. */
function readBelow(root: FdNumber, file: string): string | undefined {
  const opened = tryInvoke('openat2', {
    dirfd: root,
    pathname: file,
    how: {
      flags: ['O_RDONLY', 'O_NONBLOCK', 'O_NOCTTY', 'O_CLOEXEC'],
      resolve: ['RESOLVE_IN_ROOT', 'RESOLVE_NO_MAGICLINKS'],
    },
  });
  if (opened === -errnos.EAGAIN) return readBelow(root, file);
  if (opened < 0) return undefined;
  using fd = new Fd(opened);
  const stat = fstatSync(fd.fd);
  if (!stat.isFile()) return undefined;
  if (stat.size > largestFile)
    throw new ContainerError(
      'ConfigInvalid',
      `${file} of the container has ${stat.size} bytes: too large to look up a user`,
      {
        path: file,
      },
    );
  return readFileSync(fd.fd, 'utf8');
}
