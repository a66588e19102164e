import { watch } from 'node:fs';

/** A watch on a file of a group. */
export interface FileWatch {
  close(): void;
}

/**
 * Calls back when the kernel says that a file of a group has changed, or that it is gone: cgroup.events and
 * memory.events tell it by inotify(7).
 */
export function watchFile(path: string, changed: () => void): FileWatch {
  const watcher = watch(path, { persistent: true }, changed);
  // A watch that ends because the file is gone is a change like others.
  watcher.on('error', changed);
  return { close: () => watcher.close() };
}
