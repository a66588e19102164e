import { Process, planStart } from '@nsinit/libcontainer';
import type { CommandInvocation } from '../cli/parse.ts';
import { FlaggedError } from '../output/failure.ts';
import { planText } from '../output/plan-text.ts';
import { print } from '../output/print.ts';
import { describeProcess } from '../run/process-options.ts';
import { findTarget } from '../run/target.ts';
import type { Context } from './context.ts';

/** `nsinit plan`: the system calls of a start, with their reasons. */
export async function run({ values, operands }: CommandInvocation<'plan'>, context: Context): Promise<number> {
  const { flagged } = findTarget(values, context);
  const { config, added, origins } = flagged;
  try {
    const { options, tty } = describeProcess(values, operands, config, process.env);
    const own = new Process({ ...options, stdin: 'inherit', stdout: 'inherit', stderr: 'inherit' });
    if (tty) own.newConsole();
    const instructions = await planStart(config, own);
    if (values.format === 'json') print(`${JSON.stringify({ added, instructions }, undefined, 2)}\n`);
    else print(planText(instructions, added));
    return 0;
  } catch (error) {
    throw new FlaggedError(error, origins);
  }
}
