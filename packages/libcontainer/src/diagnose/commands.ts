import { signalName } from '@nsinit/namespaces';
import type { Explanation, Failure, Rule } from './failure.ts';
import { openProcessView } from './view.ts';
import { faultOnTheWay } from './way.ts';

const commandField = /\.(?:pre|post)mountCmds\[\d+\]$/;

/** Failures of the commands that run before and after mounts; those of their execve(2) are told as any other. */
export const commandRules: readonly Rule[] = [
  { field: commandField, ops: ['fail'], errnos: ['ECANCELED'], explain: explainStatus },
  { field: commandField, ops: ['chdir'], explain: explainDirectory },
];

function explainStatus(failure: Failure): Explanation {
  const { value, detail } = failure.error;
  const killed = /^(.+) was ended by a signal$/s.exec(failure.what);
  const path = killed?.[1] ?? /^(.+) ended with an exit status/s.exec(failure.what)?.[1] ?? 'the command';
  const how = killed ? `was ended by ${signalName(Number(value))}` : `ended with exit status ${value}`;
  const lines = (failure.context.commandOutput ?? detail)
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean);
  const last = lines.at(-1);
  return {
    about: failure.field,
    cause: `${path} ${how}${last === undefined ? ' and printed nothing' : `: ${last}`}`,
    path,
    hint: lines.length > 1 ? `it printed: ${lines.slice(-10).join(' | ')}` : undefined,
  };
}

function explainDirectory(failure: Failure): Explanation | undefined {
  const path = failure.string(0);
  const opened = path === undefined ? undefined : openProcessView(failure.context);
  if (opened === undefined || path === undefined) return undefined;
  using view = opened;
  const fault = faultOnTheWay(view, `${path}/.`, failure.actor);
  return fault && { cause: `its directory: ${fault.cause}`, path: fault.path, hint: fault.hint ?? 'correct dir' };
}
