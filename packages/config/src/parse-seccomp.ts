import { Report } from './codec/codec.ts';
import { seccomp } from './container-json/seccomp-table.ts';
import { ConfigError } from './error.ts';
import { parseJson } from './json/parse.ts';
import type { SeccompSection } from './seccomp.ts';

/**
 * Reads the text of a file that holds a filter alone: a profile of the runtime specification or of Docker, or the `seccomp`
 * object of a container.json.
 *
 * @throws ConfigError with all unknown keys, wrong values and missing ones, each with path, line and column.
 */
export function parseSeccompProfile(source: string): SeccompSection {
  const report = new Report(source);
  const section = seccomp.decode(parseJson(source), '', report);
  if (section === undefined || report.problems.length > 0) throw new ConfigError(report.problems);
  return section;
}
