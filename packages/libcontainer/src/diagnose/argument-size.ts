import { errnoMessage, errnos } from '@nsinit/syscall';
import type { Explanation } from './failure.ts';
import { readText } from './host.ts';

/** MAX_ARG_STRLEN of linux/binfmts.h with pages of 4 KiB, the terminating zero included. */
const longestString = 32 * 4096;
/** Three quarters of the default stack: no limit allows more. fs/exec.c */
const mostBytes = 6 * 1024 * 1024;

/** Why execve(2) found arguments and environment too big. execve(2), "Limits on size of arguments and environment" */
export function argumentsTooBig(
  { args, env }: { readonly args: readonly string[]; readonly env: readonly string[] },
  pid?: number,
): Pick<Explanation, 'cause' | 'hint'> {
  const words = errnoMessage(errnos.E2BIG);
  const arg = args.findIndex((text) => sizeOf(text) > longestString);
  const variable = env.find((text) => sizeOf(text) > longestString);
  const single = `one string may have ${longestString - 1}`;
  const hint = 'pass it in a file or by standard input';
  if (arg >= 0) return { cause: `${words}: args[${arg}] has ${sizeOf(args[arg]!) - 1} bytes, ${single}`, hint };
  if (variable !== undefined) {
    const name = variable.split('=', 1)[0]!;
    return { cause: `${words}: the variable ${name} has ${sizeOf(variable) - 1} bytes, ${single}`, hint };
  }
  const strings = [...args, ...env];
  const total = strings.reduce((sum, text) => sum + sizeOf(text) + 8, 0);
  const limit = totalLimit(readText(`/proc/${pid ?? 'self'}/limits`));
  return {
    cause: `${words}: arguments and environment have ${total} bytes, ${limit} are possible`,
    hint: `${hint}, or raise RLIMIT_STACK: a quarter of it is the limit, up to ${mostBytes} bytes`,
  };
}

/** How many bytes arguments and environment may have together, from the text of `/proc/<pid>/limits`. */
export function totalLimit(limits: string | undefined): number {
  const soft = /^Max stack size +(\d+)/m.exec(limits ?? '')?.[1];
  return soft === undefined ? mostBytes : Math.min(mostBytes, Math.max(longestString, Math.floor(Number(soft) / 4)));
}

function sizeOf(text: string): number {
  return Buffer.byteLength(text) + 1;
}
