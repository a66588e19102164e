import { join } from 'node:path';
import type { CommandName } from '../cli/commands.ts';
import type { CommandModule } from '../commands/context.ts';
import type { modules } from '../commands/index.ts';
import { CachedScript } from './code-cache.ts';
import type { LoadedCommand } from './commands.ts';

/** The bundles of the commands and what tells one build of them from another; the build puts it in. */
declare const BUNDLES: Readonly<Record<string, string>>;

/** Loads a command from its bundle, with the code cache of this Node, which lies beside the bundles. */
export async function loadCommand<Name extends CommandName>(name: Name): Promise<LoadedCommand<Name>> {
  // The one that is waited for has a bundle to itself, with nothing in it that it does not need.
  const own = BUNDLES[name] !== undefined;
  const file = own ? name : 'commands';
  const cache = join(__dirname, '../.cache/code', `${file}-${BUNDLES[file]}-${process.version}-${process.arch}`);
  const script = new CachedScript(join(__dirname, `${file}.cjs`), cache);
  const loaded = script.run(require);
  const module = own
    ? (loaded as CommandModule<Name>)
    : await (loaded as { readonly modules: typeof modules }).modules[name]();
  // Code that was compiled under other flags of V8 is refused: runs with and without such flags are not to replace it by
  // turns.
  const ordinary = process.execArgv.length === 0 && !process.env['NODE_OPTIONS'];
  return { module, finish: ordinary ? () => script.save() : () => {} };
}
