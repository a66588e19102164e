import type { CommandName } from '../cli/commands.ts';
import type { CommandModule } from './context.ts';

/** Each command's module, loaded when it is asked for: none pays for another. */
export const modules: { readonly [Name in CommandName]: () => Promise<CommandModule<Name>> } = {
  exec: () => import('./exec.ts'),
  config: () => import('./config.ts'),
  state: () => import('./state.ts'),
  stats: () => import('./stats.ts'),
  pause: () => import('./pause.ts'),
  unpause: () => import('./unpause.ts'),
  checkpoint: () => import('./checkpoint.ts'),
  restore: () => import('./restore.ts'),
  destroy: () => import('./destroy.ts'),
  oom: () => import('./oom.ts'),
  plan: () => import('./plan.ts'),
  check: () => import('./check.ts'),
  init: () => import('./init.ts'),
  completion: () => import('./completion.ts'),
  help: () => import('./help.ts'),
};
