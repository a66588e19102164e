import { idText, insideId, overrides, type Subject } from './subject.ts';

/** What statx(2) says of a file, as far as permissions go. Ids are those of the host. */
export interface FileStat {
  readonly type: 'file' | 'directory' | 'symlink' | 'character' | 'block' | 'fifo' | 'socket' | 'unknown';
  /** The permission bits, 0 to 07777. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Id of the mount, as in mountinfo. */
  readonly mountId: number;
}

type Class = 'owner' | 'group' | 'others';

const shifts: Readonly<Record<Class, number>> = { owner: 6, group: 3, others: 0 };

/** Which of the three groups of permission bits counts. path_resolution(7), "Permissions" */
export function classOf(subject: Subject, stat: Pick<FileStat, 'uid' | 'gid'>): Class {
  if (subject.uid === stat.uid) return 'owner';
  return subject.gid === stat.gid || subject.groups.includes(stat.gid) ? 'group' : 'others';
}

/** Whether the subject may execute a file, or search a directory: by its mode, or by a capability over its owner. */
export function mayExecute(subject: Subject, stat: FileStat): boolean {
  if ((stat.mode >> shifts[classOf(subject, stat)]) & 1) return true;
  const directory = stat.type === 'directory';
  // A capability makes no program of a file that nobody may execute.
  if (!directory && (stat.mode & 0o111) === 0) return false;
  const needed = directory ? overrides.directory : overrides.file;
  return (subject.effective & needed) !== 0n && ownsMapped(subject, stat);
}

/** Capabilities of a user namespace count only for files whose owner and group are mapped in it. capabilities(7) */
function ownsMapped({ uidMap, gidMap }: Subject, { uid, gid }: FileStat): boolean {
  return insideId(uidMap, uid) !== undefined && insideId(gidMap, gid) !== undefined;
}

/** Why {@link mayExecute} said no: `mode 0700, owner 0:0, does not let user 1000 (group 1000) search it`. */
export function describeRefusal(subject: Subject, stat: FileStat): string {
  const mode = stat.mode.toString(8).padStart(4, '0');
  const owner = `${idText(subject.uidMap, stat.uid)}:${idText(subject.gidMap, stat.gid)}`;
  const directory = stat.type === 'directory';
  if (!directory && (stat.mode & 0o111) === 0) return `mode ${mode}, owner ${owner}, lets nobody execute it`;
  const groups = [subject.gid, ...subject.groups.filter((group) => group !== subject.gid)];
  const names = groups.map((group) => idText(subject.gidMap, group)).join(', ');
  const who = `user ${idText(subject.uidMap, subject.uid)} (group${groups.length > 1 ? 's' : ''} ${names})`;
  return `mode ${mode}, owner ${owner}, does not let ${who} ${directory ? 'search' : 'execute'} it`;
}

/** The command that would help: execute permission for the class that lacks it. */
export function remedyFor(path: string, subject: Subject, stat: FileStat): string {
  const letter = { owner: 'u', group: 'g', others: 'o' }[classOf(subject, stat)];
  const all = stat.type !== 'directory' && (stat.mode & 0o111) === 0;
  const chmod = `chmod ${all ? '+' : `${letter}+`}x ${path}`;
  return all || letter === 'u' ? chmod : `${chmod}, or run as a user that may`;
}
