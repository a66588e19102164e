import type { Config } from '@nsinit/config';
import { explained, filterOf } from './seccomp.ts';

/** A system call to ask a filter about. */
export interface AskedCall {
  /** Its name, or its number on the native architecture. */
  readonly call: string | number;
  /** Up to six arguments; those left out are 0. */
  readonly args?: readonly (number | bigint)[];
}

/** The filter of a configuration in words. */
export interface FilterDescription {
  /** Its architectures, which calls get which action, and what the others get: a line for each. */
  readonly summary: readonly string[];
  /** What becomes of each call that was asked about, and by which rule. */
  readonly calls: readonly string[];
}

/**
 * Says what the filter of system calls of a configuration does.
 *
 * @returns undefined when the configuration has none.
 * @throws {ContainerError} ConfigInvalid for a filter that cannot be, and for a call that does not exist.
 */
export async function describeFilter(
  config: Config,
  calls: readonly AskedCall[] = [],
): Promise<FilterDescription | undefined> {
  const own = await filterOf(config);
  if (!own) return undefined;
  const library = await import('@nsinit/seccomp');
  return explained(library, () => ({
    summary: library.summarize(own.filter),
    calls: calls.map(({ call, args }) => library.explain(own.filter, call, args).text),
  }));
}
