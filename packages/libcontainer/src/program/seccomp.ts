import { type Config, SECCOMP_ACTION, SECCOMP_OPERATOR, type SeccompArg, type SeccompSyscall } from '@nsinit/config';
import type { Action, Condition, Filter, Rule } from '@nsinit/seccomp';
import type { ProgramBuilder } from '@nsinit/syscall';
import { ContainerError } from '../errors.ts';

/** Writes the installation of a filter. */
export type InstallFilter = (b: ProgramBuilder) => void;

/**
 * What installs the filter of a configuration; undefined when it has none. The compiler and its tables of system calls are
 * loaded only then.
 *
 * @throws {ContainerError} ConfigInvalid, naming the field, for a filter that cannot be.
 */
export async function filterOf(config: Config): Promise<InstallFilter | undefined> {
  const { seccomp } = config;
  if (!seccomp) return undefined;
  const { compileSeccomp, SeccompError } = await import('@nsinit/seccomp');
  const filter: Filter = { defaultAction: { kind: 'ALLOW' }, rules: seccomp.syscalls.map(ruleOf) };
  return (b) => {
    try {
      compileSeccomp(b, filter);
    } catch (error) {
      if (!(error instanceof SeccompError)) throw error;
      throw new ContainerError('ConfigInvalid', `seccomp: ${error.message}`, { field: 'seccomp', cause: error });
    }
  };
}

function ruleOf({ value, action, args = [] }: SeccompSyscall, index: number): Rule {
  return {
    syscalls: [value],
    action: actionOf(action),
    field: `seccomp.syscalls[${index}]`,
    ...(args.length === 0 ? {} : { when: [args.map(conditionOf)] }),
  };
}

function actionOf(action: number): Action {
  switch (action) {
    case SECCOMP_ACTION.kill:
      return { kind: 'KILL_PROCESS' };
    case SECCOMP_ACTION.trap:
      return { kind: 'TRAP' };
    case SECCOMP_ACTION.allow:
      return { kind: 'ALLOW' };
    default:
      return { kind: 'ERRNO', errno: action };
  }
}

const operators = {
  [SECCOMP_OPERATOR.equalTo]: 'EQ',
  [SECCOMP_OPERATOR.notEqualTo]: 'NE',
  [SECCOMP_OPERATOR.greaterThan]: 'GT',
  [SECCOMP_OPERATOR.lessThan]: 'LT',
} as const;

function conditionOf({ index, value, op }: SeccompArg): Condition {
  if (op === SECCOMP_OPERATOR.maskEqualTo) return { index, op: 'MASKED_EQ', mask: value, value };
  const operator = operators[op as keyof typeof operators];
  if (!operator) throw new ContainerError('ConfigInvalid', `seccomp: there is no operator ${op}`, { field: 'seccomp' });
  return { index, op: operator, value };
}
