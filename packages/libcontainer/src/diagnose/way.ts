import { describeRefusal, remedyFor } from './permission.ts';
import type { Subject } from './subject.ts';
import type { View } from './view.ts';
import { missingText, type Walk, type WalkOptions, walk } from './walk.ts';

/** What is wrong on the way to a path. */
export interface WayFault {
  readonly outcome: Exclude<Walk['outcome'], 'found' | 'unknown'>;
  /** In words, naming the component at fault. */
  readonly cause: string;
  /** The component at fault. */
  readonly path: string;
  readonly hint?: string;
}

/** The first thing on the way to a path that does not let it be reached; undefined when there is none, or it cannot be told. */
export function faultOnTheWay(
  view: View,
  path: string,
  subject: Subject,
  options: Pick<WalkOptions, 'cwd' | 'noSymlinks'> = {},
): WayFault | undefined {
  const end = walk(view, path, { ...options, subject });
  if (end.outcome === 'found') end.fd.close();
  return describeWay(path, end, subject);
}

/** {@link faultOnTheWay} from what a walk found. */
export function describeWay(path: string, end: Walk, subject: Subject): WayFault | undefined {
  const fault = { outcome: end.outcome, path: end.path };
  switch (end.outcome) {
    case 'missing':
      return { ...fault, outcome: end.outcome, cause: missingText(path, end) || `${path} does not exist` };
    case 'not-directory':
      return { ...fault, outcome: end.outcome, cause: `${end.path} is not a directory` };
    case 'denied':
      return {
        ...fault,
        outcome: end.outcome,
        cause: `directory ${end.path}: ${describeRefusal(subject, end.stat)}`,
        hint: remedyFor(end.path, subject, end.stat),
      };
    case 'symlink': {
      const link = end.hops.at(-1)!;
      return { ...fault, outcome: end.outcome, cause: `${link.path} is a symbolic link to ${link.target}` };
    }
    case 'loop': {
      const [first] = end.hops;
      const from = first ? `from ${first.path} to ${first.target}: ` : '';
      return { ...fault, outcome: end.outcome, cause: `symbolic links lead too far, ${from}${end.why}` };
    }
    case 'too-long':
      return { ...fault, outcome: end.outcome, cause: end.why };
    default:
      return undefined;
  }
}
