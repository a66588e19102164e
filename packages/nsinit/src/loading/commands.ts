import type { modules } from '../commands/index.ts';

/** The modules of all commands, and what is to be done before the process ends. */
export interface LoadedCommands {
  readonly modules: typeof modules;
  /** Keeps what this run has compiled for the next one. */
  finish(): void;
}

/** Loads the commands from their sources; in the bundle `bundled.ts` stands in the place of this module. */
export async function loadCommands(): Promise<LoadedCommands> {
  return { ...(await import('../commands/index.ts')), finish: () => {} };
}
