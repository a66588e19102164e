import { CgroupError, errnoOf } from '../error.ts';
import type { Group } from './group.ts';

/** One value that a limit comes to. */
export interface Write {
  /** The file in the group's directory. */
  readonly file: string;
  readonly value: string;
  /** The field of the resources that asks for it. */
  readonly field: string;
  /** Errors that mean nothing: the kernel has given the limit up. */
  readonly ignore?: readonly string[];
  /** What undoes it, from the file's text before; default: that text. undefined: nothing can. */
  readonly undo?: (before: string) => string | undefined;
  /** What undoes it together with all writes after it, where the file cannot be read. */
  readonly undoWrites?: readonly { readonly file: string; readonly value: string }[];
}

/**
 * Writes values in order. When one fails, those before get their old values back, last first.
 *
 * @returns what undoes all of it.
 * @throws {CgroupError} of the write that failed, with what could not be undone as a part of its message.
 */
export function applyWrites(group: Group, writes: readonly Write[]): () => void {
  const undone: (() => void)[] = [];
  const undo = () => {
    for (const step of undone.splice(0).toReversed()) step();
  };
  for (const write of writes) {
    let before: string | undefined;
    try {
      before = readBefore(group, write.file);
      group.write(write.file, write.value, write.field);
    } catch (error) {
      if (write.ignore?.includes(errnoOf(error) ?? '')) continue;
      try {
        undo();
      } catch (second) {
        const { message } = second as Error;
        if (error instanceof CgroupError) error.message += `; an earlier change could not be undone: ${message}`;
      }
      throw error;
    }
    const { undoWrites } = write;
    if (undoWrites)
      undone.push(() => {
        for (const { file, value } of undoWrites) group.write(file, value, write.field);
      });
    if (before === undefined || undoWrites) continue;
    const old = (write.undo ?? trimmed)(before);
    if (old !== undefined) undone.push(() => group.write(write.file, old, write.field));
  }
  return undo;
}

/** Some files (`devices.allow`) are for writing only. */
function readBefore(group: Group, file: string): string | undefined {
  try {
    return group.tryRead(file);
  } catch (error) {
    if (errnoOf(error) === 'EINVAL' || errnoOf(error) === 'EACCES') return undefined;
    throw error;
  }
}

function trimmed(before: string): string {
  return before.trim();
}

/**
 * The undo of a file that has a line for each key: gives that of `key` back, or what stands for none.
 *
 * @param none - the line without a limit, from the key.
 */
export function undoLine(key: string, none: (key: string) => string): (before: string) => string {
  return (before) =>
    before
      .split('\n')
      .map((line) => line.trim())
      .find((line) => line.startsWith(`${key} `)) ?? none(key);
}
