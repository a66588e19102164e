import type { StepError } from '@nsinit/namespaces';
import { errnoMessage } from '@nsinit/syscall';
import { ContainerError } from '../errors.ts';
import { type ExplainContext, type Explanation, Failure, matches } from './failure.ts';
import { isSystemError, oneLine } from './host.ts';
import { whyConfined } from './privilege.ts';
import { rules } from './rules.ts';

/**
 * Finds out why a step of a starting process failed, and says so: one line whose last part is the root cause.
 *
 * To be called while the process still stands at the step, as `explain` of a launch is: its root directory, mounts, ids and
 * capabilities are looked at by its `pid`. Without one, or without the right to look, the root file system on the host
 * serves instead. Nothing is followed out of it: every path of the container is resolved inside, component by component.
 *
 * The error has the step, errno, path, configuration field and a hint; the failed step is its cause. When the program
 * itself could not be executed, `exitCode` is what a shell would exit with: 127 when something does not exist, else 126.
 */
export function explainStepError(error: StepError, context: ExplainContext): ContainerError {
  const failure = new Failure(error, context);
  const explanation = explanationOf(failure);
  const { step } = error;
  const what = explanation.about ?? [step.field, step.what].filter((part) => part !== undefined).join(': ');
  return new ContainerError('SystemError', oneLine([what, explanation.cause].filter(Boolean).join(': ')), {
    step: step.what ?? step.text,
    ...(error.errno === 0 ? {} : { errno: error.code }),
    ...(explanation.path === undefined ? {} : { path: explanation.path }),
    ...(step.field === undefined ? {} : { field: step.field }),
    ...(explanation.hint ? { hint: explanation.hint } : {}),
    ...(explanation.exitCode === undefined ? {} : { exitCode: explanation.exitCode }),
    cause: error,
  });
}

function explanationOf(failure: Failure): Explanation {
  for (const rule of rules) {
    const explanation = matches(rule, failure) ? explainBy(rule.explain, failure) : undefined;
    if (explanation) return explanation;
  }
  return plain(failure);
}

/** A process that ends while it is looked at takes its files away: the failure is told without them then. */
function explainBy(explain: (failure: Failure) => Explanation | undefined, failure: Failure): Explanation | undefined {
  try {
    return explain(failure);
  } catch (error) {
    if (isSystemError(error)) return undefined;
    throw error;
  }
}

/** What can be said about a failure that no rule knows. */
function plain(failure: Failure): Explanation {
  const { error, op, errno } = failure;
  const call = op === 'fail' || op === 'branch' ? '' : `${op}: `;
  if (error.errno === 0) return { cause: error.detail || 'it failed' };
  if (errno === 'EPERM' || errno === 'EACCES') {
    const { cause, hint } = whyConfined(failure);
    return { cause: `${call}${error.detail ? `${error.detail}: ` : ''}${cause}`, hint };
  }
  if (op === 'fail' && failure.what !== '')
    return { about: failure.field, cause: `${failure.what}${error.detail ? `: ${error.detail}` : ''}` };
  return { cause: `${call}${errnoMessage(error.errno)}${error.detail ? `: ${error.detail}` : ''}` };
}
