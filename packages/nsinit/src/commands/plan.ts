import {
  type AskedCall,
  type Config,
  describeFilter,
  Process,
  planCgroup,
  planNetwork,
  planStart,
} from '@nsinit/libcontainer';
import type { CommandInvocation } from '../cli/parse.ts';
import { idFlag } from '../cli/process-flags.ts';
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
    const cgroup = await planCgroup(withGroupName(config, values.id), values.systemd ? 'systemd' : 'cgroupfs');
    if (values.format === 'json')
      print(`${JSON.stringify({ added, instructions, cgroup, network, filter }, undefined, 2)}\n`);
    else print(planText(instructions, added, { cgroup, network, filter }));
    return 0;
  } catch (error) {
    throw new FlaggedError(error, origins);
  }
}

/** A group that the configuration does not name has the name of the container, which is not made here. */
function withGroupName(config: Config, id: string = idFlag.id.default): Config {
  return config.cgroups && !config.cgroups.name ? { ...config, cgroups: { ...config.cgroups, name: id } } : config;
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
