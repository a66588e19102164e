import { join } from 'node:path';
import { CachedScript } from './code-cache.ts';
import type { LoadedCommands } from './commands.ts';

/** Tells one build of the commands from another; the build puts it in. */
declare const COMMANDS_ID: string;

/** Loads the commands of the bundle with the code cache of this Node, which lies beside the bundle. */
export async function loadCommands(): Promise<LoadedCommands> {
  const cache = join(__dirname, '../.cache/code', `commands-${COMMANDS_ID}-${process.version}-${process.arch}`);
  const script = new CachedScript(join(__dirname, 'commands.cjs'), cache);
  const { modules } = script.run(require) as Pick<LoadedCommands, 'modules'>;
  return { modules, finish: () => script.save() };
}
