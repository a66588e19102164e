import { type AskedCall, describeFilter, Process, planNetwork, planStart } from '@nsinit/libcontainer';
import type { CommandInvocation } from '../cli/parse.ts';
import { UsageError } from '../cli/usage-error.ts';
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
    const filter = await describeFilter(config, (values.explain ?? []).map(askedCall));
    if (!filter && values.explain) throw new UsageError('--explain: there is no filter', 'give one with --seccomp');
    const network = await planNetwork(config);
    if (values.format === 'json') print(`${JSON.stringify({ added, instructions, network, filter }, undefined, 2)}\n`);
    else print(planText(instructions, added, { network, filter }));
    return 0;
  } catch (error) {
    throw new FlaggedError(error, origins);
  }
}

/** `clone:0x10000000,0` as a call with its arguments. */
function askedCall(text: string): AskedCall {
  const [name = '', list] = text.split(':', 2);
  const call = /^\d+$/.test(name) ? Number(name) : name;
  const args = list?.split(',') ?? [];
  if (name !== '' && args.length <= 6 && args.every((arg) => /^(?:0[xX][\da-fA-F]+|\d+)$/.test(arg)))
    return { call, args: args.map(BigInt) };
  throw new UsageError(`invalid system call ${JSON.stringify(text)} for --explain`, 'write NAME:ARG,ARG with numbers');
}
