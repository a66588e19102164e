import { collect } from '../check/collect/index.ts';
import { evaluate } from '../check/evaluate/index.ts';
import { findingsText } from '../check/text.ts';
import { globalFlags } from '../cli/global-flags.ts';
import type { CommandInvocation } from '../cli/parse.ts';
import { print } from '../output/print.ts';
import type { Context } from './context.ts';

/** `nsinit check`: what this host can do. The exit code is 1 when a container of the template cannot be started. */
export async function run({ values }: CommandInvocation<'check'>, { global }: Context): Promise<number> {
  const facts = await collect(global.criu ?? globalFlags.criu.default);
  const findings = evaluate(facts);
  print(values.format === 'json' ? `${JSON.stringify(findings, undefined, 2)}\n` : findingsText(findings));
  return facts.start === 'ok' ? 0 : 1;
}
