import { SeccompError } from '../errors.ts';

/**
 * Reads the JSON text of a profile. Integers that a number cannot hold become strings, which the parsers of profiles take;
 * `JSON.parse` would round them.
 *
 * @throws {SeccompError} for a text that is not JSON.
 */
export function parseSeccompJson(text: string): unknown {
  // Outside of strings, digits without a fraction or an exponent are an integer; sixteen may be too many.
  const exact = text.replaceAll(/"(?:[^"\\]|\\.)*"|-?\d{16,}(?![\d.eE])/g, (token) =>
    token.startsWith('"') ? token : `"${token}"`,
  );
  try {
    return JSON.parse(exact);
  } catch (error) {
    throw new SeccompError('', `the profile is not JSON: ${(error as Error).message}`);
  }
}
