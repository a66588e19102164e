import type { CommandName } from '../cli/commands.ts';
import type { CommandModule } from '../commands/context.ts';
import { modules } from '../commands/index.ts';

/** A command that is ready to run. */
export interface LoadedCommand<Name extends CommandName> {
  readonly module: CommandModule<Name>;
  /** To be called before the process ends: keeps what this run has compiled for the next one. */
  readonly finish: () => void;
}

/** Loads a command from its sources; in the bundle `bundled.ts` stands in the place of this module. */
export async function loadCommand<Name extends CommandName>(name: Name): Promise<LoadedCommand<Name>> {
  return { module: await modules[name](), finish: () => {} };
}
