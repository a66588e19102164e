import type { Int64 } from './integers.ts';

/** Actions of the runtime specification's `linux.seccomp`. */
export const OCI_SECCOMP_ACTIONS = [
  'SCMP_ACT_KILL',
  'SCMP_ACT_KILL_PROCESS',
  'SCMP_ACT_KILL_THREAD',
  'SCMP_ACT_TRAP',
  'SCMP_ACT_ERRNO',
  'SCMP_ACT_TRACE',
  'SCMP_ACT_ALLOW',
  'SCMP_ACT_LOG',
  'SCMP_ACT_NOTIFY',
] as const;

/** One of {@link OCI_SECCOMP_ACTIONS}. */
export type OciSeccompAction = (typeof OCI_SECCOMP_ACTIONS)[number];

/** Comparisons of the runtime specification's `linux.seccomp`. */
export const OCI_SECCOMP_OPERATORS = [
  'SCMP_CMP_NE',
  'SCMP_CMP_LT',
  'SCMP_CMP_LE',
  'SCMP_CMP_EQ',
  'SCMP_CMP_GE',
  'SCMP_CMP_GT',
  'SCMP_CMP_MASKED_EQ',
] as const;

/** One of {@link OCI_SECCOMP_OPERATORS}. */
export type OciSeccompOperator = (typeof OCI_SECCOMP_OPERATORS)[number];

/** A condition on one argument. */
export interface OciSeccompArg {
  /** Which argument, 0 to 5. */
  readonly index: number;
  /** Value that the argument is compared with; of SCMP_CMP_MASKED_EQ the mask. */
  readonly value: Int64;
  /** Of SCMP_CMP_MASKED_EQ what the masked argument is compared with; undefined: 0. */
  readonly valueTwo?: Int64;
  readonly op: OciSeccompOperator;
}

/** When a rule of a Docker profile counts. All parts must hold in `includes`, one is enough in `excludes`. */
export interface OciSeccompCondition {
  /** Capabilities of the configuration: `CAP_SYS_ADMIN`. */
  readonly caps?: readonly string[];
  /** Architectures by Go's names: `amd64`. */
  readonly arches?: readonly string[];
  /** The oldest kernel: `4.8`. */
  readonly minKernel?: string;
}

/** What happens on some system calls. */
export interface OciSeccompRule {
  /** Names of the calls. */
  readonly names?: readonly string[];
  /** One name, as older profiles of Docker have it. */
  readonly name?: string;
  readonly action: OciSeccompAction;
  /** The errno of SCMP_ACT_ERRNO, or the message of SCMP_ACT_TRACE; undefined: 1. */
  readonly errnoRet?: number;
  /** All must hold; where one argument has several, one is enough. */
  readonly args?: readonly OciSeccompArg[];
  /** For people. */
  readonly comment?: string;
  readonly includes?: OciSeccompCondition;
  readonly excludes?: OciSeccompCondition;
}

/** Further architectures of a native one, as Docker's profiles list them. */
export interface OciSeccompArchitectures {
  /** The native architecture: `SCMP_ARCH_X86_64`. */
  readonly architecture: string;
  readonly subArchitectures?: readonly string[];
}

/**
 * A filter as `linux.seccomp` of the runtime specification has it, with the names that Docker's profiles add. Calls of
 * architectures that it does not list kill the process; calls newer than any that it names get ENOSYS and not the default action.
 */
export interface SeccompProfile {
  /** For calls that no rule is for. */
  readonly defaultAction: OciSeccompAction;
  /** The errno of a default action SCMP_ACT_ERRNO; undefined: 1. */
  readonly defaultErrnoRet?: number;
  /** Architectures beside the native one: `SCMP_ARCH_X86`. */
  readonly architectures?: readonly string[];
  readonly archMap?: readonly OciSeccompArchitectures[];
  /** Flags of seccomp(2): `SECCOMP_FILTER_FLAG_LOG`. */
  readonly flags?: readonly string[];
  /** Unix socket of an agent that answers calls with SCMP_ACT_NOTIFY. */
  readonly listenerPath?: string;
  /** What the agent is told. */
  readonly listenerMetadata?: string;
  readonly syscalls?: readonly OciSeccompRule[];
}
