import { accessSync, constants, lstatSync, mkdirSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { globalFlags } from '../cli/global-flags.ts';
import { UsageError } from '../cli/usage-error.ts';

/**
 * Where states of containers are when nothing else is said: root has a place that all know, others have one in the
 * directory of their session, or one of their own among the temporary files.
 *
 * @throws {UsageError} when somebody else has taken that one.
 */
export function defaultRoot(): string {
  const uid = process.geteuid!();
  if (uid === 0 && isHostsRoot()) return globalFlags.root.default;
  const session = process.env['XDG_RUNTIME_DIR'] || `/run/user/${uid}`;
  if (isOwn(session, uid)) return join(session, 'nsinit');
  const own = join(tmpdir(), `nsinit-${uid}`);
  mkdirSync(own, { recursive: true, mode: 0o700 });
  if (!isOwn(own, uid))
    throw new UsageError(`${own} belongs to somebody else`, 'set XDG_RUNTIME_DIR, or name a directory with --root');
  return own;
}

/** Whether user 0 may write where root keeps its files: in a user namespace it may be an ordinary user outside. */
function isHostsRoot(): boolean {
  try {
    accessSync(dirname(globalFlags.root.default), constants.W_OK);
    return true;
  } catch (error) {
    // One that is not there yet can be made.
    return (error as NodeJS.ErrnoException).code !== 'EACCES';
  }
}

/** Whether a directory is the user's and nobody else can write to it. */
function isOwn(path: string, uid: number): boolean {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  return stat?.isDirectory() === true && stat.uid === uid && (stat.mode & 0o022) === 0;
}

/** Removes the default directory when no container is left in it, so that a session ends as it began. */
export function forgetDefaultRoot(root: string): void {
  if (root === globalFlags.root.default || root !== defaultRoot()) return;
  try {
    rmdirSync(root);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOTEMPTY' && code !== 'ENOENT') throw error;
  }
}
