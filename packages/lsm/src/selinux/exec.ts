import type { ProgramBuilder } from '@nsinit/syscall';
import { compileAttribute } from '../attribute.ts';
import { parseContext } from './context.ts';

/** What a label can be put on. */
export const LABEL_TARGETS = {
  /** The program that the next execve(2) starts. */
  exec: { file: 'attr/exec', what: 'let exec take' },
  /** Keys that are made from now on. */
  keyCreate: { file: 'attr/keycreate', what: 'make keys with' },
  /** Files that are made from now on. */
  fileCreate: { file: 'attr/fscreate', what: 'make files with' },
  /** Sockets that are made from now on. */
  socketCreate: { file: 'attr/sockcreate', what: 'make sockets with' },
} as const;

/** One of {@link LABEL_TARGETS}. */
export type LabelTarget = keyof typeof LABEL_TARGETS;

/** How a label is put on. */
export interface LabelOptions {
  /** The configuration's field, for the printed program; undefined: `processLabel`. */
  readonly field?: string;
}

/**
 * Puts an SELinux label on what the process executes next, or makes from now on. All labels but the first end with
 * execve(2) as well. setexeccon(3), setkeycreatecon(3), setfscreatecon(3)
 *
 * @throws {LsmError} for a text that is no label.
 */
export function compileLabel(b: ProgramBuilder, target: LabelTarget, label: string, options: LabelOptions = {}): void {
  parseContext(label);
  const { file, what } = LABEL_TARGETS[target];
  b.because({ field: options.field ?? 'processLabel', what: `${what} the SELinux label ${label}` }, () =>
    compileAttribute(b, {
      names: [file],
      text: label,
      refusals: [{ errno: 'EINVAL', what: `the SELinux policy of this machine has no label ${label}` }],
    }),
  );
}
