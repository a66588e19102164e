/** Actions without a value of their own, by the kernel's names without SECCOMP_RET_. seccomp(2) */
type PlainKind = 'KILL_PROCESS' | 'KILL_THREAD' | 'TRAP' | 'NOTIFY' | 'LOG' | 'ALLOW';

/** The name of an action. */
export type ActionKind = PlainKind | 'ERRNO' | 'TRACE';

/** What happens on a system call. */
export type Action =
  | { readonly kind: PlainKind }
  /** The call is not made and fails with this errno, 0 to 4095; 0 makes it succeed. */
  | { readonly kind: 'ERRNO'; readonly errno: number }
  /** A tracer is asked, and told this number, 0 to 65535; without a tracer the call fails with ENOSYS. */
  | { readonly kind: 'TRACE'; readonly message: number };

/** Largest errno that the kernel gives from a filter. linux/err.h MAX_ERRNO */
export const MAX_ERRNO = 4095;

const values: Readonly<Record<ActionKind, number>> = {
  KILL_PROCESS: 0x80000000,
  KILL_THREAD: 0,
  TRAP: 0x30000,
  ERRNO: 0x50000,
  NOTIFY: 0x7fc00000,
  TRACE: 0x7ff00000,
  LOG: 0x7ffc0000,
  ALLOW: 0x7fff0000,
};

const kinds = new Map(Object.entries(values).map(([kind, value]) => [value, kind as ActionKind]));

/** The call fails with this errno. */
export function errnoAction(errno: number): Action {
  return { kind: 'ERRNO', errno };
}

/** Why a value is no action that the kernel would do; undefined: it is one. */
export function actionProblem(action: Action): string | undefined {
  if (values[action.kind] === undefined)
    return `unknown action ${JSON.stringify(action.kind)}: use one of ${Object.keys(values).join(', ')}`;
  if (action.kind === 'ERRNO' && !isWithin(action.errno, MAX_ERRNO))
    return `errno ${action.errno} is not between 0 and ${MAX_ERRNO}`;
  if (action.kind === 'TRACE' && !isWithin(action.message, 0xffff))
    return `message ${action.message} for a tracer is not between 0 and 65535`;
  return undefined;
}

function isWithin(value: number, max: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= max;
}

/** The number that a filter returns. linux/seccomp.h SECCOMP_RET_* */
export function encodeAction(action: Action): number {
  const value = values[action.kind];
  if (action.kind === 'ERRNO') return (value | action.errno) >>> 0;
  return action.kind === 'TRACE' ? (value | action.message) >>> 0 : value;
}

/** What the kernel does on a number that a filter returns: one that it does not know kills the process. */
export function decodeAction(value: number): Action {
  const data = value & 0xffff;
  const kind = kinds.get((value & 0xffff0000) >>> 0) ?? 'KILL_PROCESS';
  if (kind === 'ERRNO') return { kind, errno: Math.min(data, MAX_ERRNO) };
  return kind === 'TRACE' ? { kind, message: data } : { kind };
}

/**
 * Orders encoded actions as the kernel does when several filters differ: what comes first wins. Equal kinds are ordered
 * by their value, so that the order does not depend on who was named first.
 */
export function compareActions(a: number, b: number): number {
  return ((a & 0xffff0000) | 0) - ((b & 0xffff0000) | 0) || (a & 0xffff) - (b & 0xffff);
}

/** An action in words: `ERRNO(1)`. */
export function formatAction(action: Action): string {
  if (action.kind === 'ERRNO') return `ERRNO(${action.errno})`;
  return action.kind === 'TRACE' ? `TRACE(${action.message})` : action.kind;
}
