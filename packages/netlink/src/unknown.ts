import type { UnknownAttribute } from './wire/attributes.ts';

/**
 * Adds the attributes without a name to a result: there for whoever asks for them, and left out when the result is
 * printed, copied or written as JSON.
 */
export function withUnknown<T extends object>(value: T, unknown: readonly UnknownAttribute[] | undefined): T {
  if (unknown) Object.defineProperty(value, 'unknown', { value: unknown, enumerable: false });
  return value;
}
