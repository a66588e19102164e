import type { Shell } from '../cli/commands.ts';
import { completionScript } from '../cli/complete/index.ts';
import type { CommandInvocation } from '../cli/parse.ts';
import { print } from '../output/print.ts';

/** `nsinit completion SHELL` */
export function run({ operands: [shell] }: CommandInvocation<'completion'>): number {
  // The parser has let through nothing but the names of shells.
  print(completionScript(shell as Shell));
  return 0;
}
