import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/**
 * When a process started, in clock ticks since boot: field 22 of /proc/PID/stat, as text since it is only compared.
 * Undefined when there is no such process. Together with the id it names a process for good.
 */
export function startTime(pid: number): string | undefined {
  const fields = statFields(pid);
  return fields?.[19];
}

/** The parent of a process, 0 when it is in no namespace that we see; undefined when there is no such process. */
export function parentOf(pid: number): number | undefined {
  const fields = statFields(pid);
  return fields && Number(fields[1]);
}

/** Whether a process exists and has not ended: a zombie is over. */
export function isAlive(pid: number, start: string): boolean {
  const fields = statFields(pid);
  return fields?.[19] === start && !isOver(fields);
}

/** Whether there is a process with this id that has not ended. */
export function lives(pid: number): boolean {
  const fields = statFields(pid);
  return fields !== undefined && !isOver(fields);
}

const isOver = ([state]: readonly string[]): boolean => state === 'Z' || state === 'X';

/** The fields from the third on. The second is the name in brackets and may hold blanks and brackets itself. proc(5) */
function statFields(pid: number): readonly string[] | undefined {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch (error) {
    if (isGone(error)) return undefined;
    throw error;
  }
  return text.slice(text.lastIndexOf(')') + 2).split(' ');
}

function isGone(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException).code;
  return code === 'ENOENT' || code === 'ESRCH';
}

/** All processes of this pid namespace. */
export function allPids(): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

/** What a link under /proc/PID says (`ns/pid`, `fd/0`), undefined when the process is gone or the link is closed to us. */
export function procLink(pid: number | 'self', name: string): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/${name}`);
  } catch (error) {
    if (isGone(error) || (error as NodeJS.ErrnoException).code === 'EACCES') return undefined;
    throw error;
  }
}

/** The children of a process, its threads' included; empty when it is gone. */
export function childrenOf(pid: number): readonly number[] {
  try {
    return readdirSync(`/proc/${pid}/task`).flatMap((task) =>
      readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number),
    );
  } catch (error) {
    if (isGone(error)) return [];
    throw error;
  }
}
