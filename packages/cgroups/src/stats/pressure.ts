import { lines, ParseProblem, parseUint } from '../text/parse.ts';
import type { Pressure, PressureLine } from './stats.ts';

/**
 * The text of a pressure file: `some avg10=0.12 avg60=0.03 avg300=0.00 total=12345`.
 *
 * @throws {ParseProblem} for a line that is none.
 */
export function parsePressure(text: string): Pressure {
  const result: { some?: PressureLine; full?: PressureLine } = {};
  for (const line of lines(text)) {
    const match = /^(some|full) avg10=(\d+\.\d+) avg60=(\d+\.\d+) avg300=(\d+\.\d+) total=(\d+)$/.exec(line);
    if (!match) throw new ParseProblem(`${JSON.stringify(line)} is not a line of pressure stall information`);
    const [, kind, avg10, avg60, avg300, total = ''] = match;
    result[kind as 'some' | 'full'] = {
      avg10: Number(avg10),
      avg60: Number(avg60),
      avg300: Number(avg300),
      totalUs: parseUint(total),
    };
  }
  return result;
}
