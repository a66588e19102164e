import { createRequire } from 'node:module';

/** The module dbus-next. */
export type Library = typeof import('dbus-next');

/**
 * Loads dbus-next; undefined when it is not installed. A peer dependency, for those who want systemd: its own optional
 * dependency would be compiled in every installation. It is required and not imported: Node 20 was seen to give an empty
 * default export for this CommonJS module.
 */
export function loadLibrary(): Library | undefined {
  try {
    return createRequire(import.meta.url)('dbus-next') as Library;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'MODULE_NOT_FOUND' && message.includes("'dbus-next'")) return undefined;
    throw error;
  }
}
