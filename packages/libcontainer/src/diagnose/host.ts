import { readFileSync, readlinkSync } from 'node:fs';

/**
 * The text of a small file of procfs or sysfs; undefined when it is not there or may not be read. A diagnosis goes on
 * with what it can see.
 */
export function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch (error) {
    if (isSystemError(error)) return undefined;
    throw error;
  }
}

/** Where a symbolic link leads; undefined when it is none or may not be read. The link itself is not followed. */
export function readLink(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch (error) {
    if (isSystemError(error)) return undefined;
    throw error;
  }
}

/** The value of a sysctl: `sysctl('user/max_user_namespaces')`; undefined when the kernel has none of that name. */
export function sysctl(path: string): string | undefined {
  return readText(`/proc/sys/${path}`);
}

/** Whether Node reports a failed system call. */
export function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'syscall' in error;
}

/** A text without line feeds and other control characters: what a container can make of a name, on one line. */
export function oneLine(text: string): string {
  return text.replace(/[\x00-\x1f\x7f]/g, (char) => `\\x${char.charCodeAt(0).toString(16).padStart(2, '0')}`);
}
