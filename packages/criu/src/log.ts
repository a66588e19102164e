/** One line of a log of CRIU. */
export interface LogLine {
  /** Since criu started, in microseconds; undefined for a line that does not tell. */
  readonly microseconds?: number | undefined;
  /** The process that the line is about, by its id inside the restored tree. */
  readonly pid?: number | undefined;
  readonly level: 'error' | 'warning' | 'info';
  /** File and line of CRIU's source, for errors and warnings: `criu/cr-dump.c:1781`. */
  readonly source?: string | undefined;
  readonly text: string;
}

const linePattern =
  /^(?:\((?<seconds>\d+)\.(?<fraction>\d{6})\)\s+)?(?:pie:\s*)?(?:(?<pid>\d+):\s+)?(?:pie:\s*)?(?:(?:\d+:\s+)?(?<level>Error|Warn)\s+\((?<source>[^()\s]+:\d+)\):\s?)?(?<text>.*)$/;

/** Reads a log, whatever its level was. An empty line is none. */
export function parseLog(text: string): readonly LogLine[] {
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const { seconds, fraction, pid, level, source, text: rest } = linePattern.exec(line)!.groups!;
      return {
        level: level === 'Error' ? 'error' : level === 'Warn' ? 'warning' : 'info',
        text: rest!.trimEnd(),
        ...(seconds === undefined ? {} : { microseconds: Number(seconds) * 1e6 + Number(fraction) }),
        ...(pid === undefined ? {} : { pid: Number(pid) }),
        ...(source === undefined ? {} : { source }),
      } satisfies LogLine;
    });
}

/** Errors which only say that an earlier one had consequences. */
const consequences: readonly RegExp[] = [
  /^Dumping FAILED\.?$/,
  /^Pre-dumping FAILED\.?$/,
  /^Restoring FAILED\.?$/,
  /^Dump files \(pid: \d+\) failed with -?\d+$/,
  /^Dump \S+ \(pid: \d+\) failed with -?\d+$/,
  /^\d+ (?:killed by signal|exited, status=)/,
  /^Unable to kill \d+/,
  /^RPC client reported script error$/,
];

/**
 * The lines of a log that tell why an operation failed, the first of them first: its errors without those that only
 * follow from another one. When there is no error, the last warnings.
 *
 * @param limit how many at most.
 */
export function decisiveLines(lines: readonly LogLine[], limit = 5): readonly LogLine[] {
  const errors = lines.filter(({ level }) => level === 'error');
  const causes = errors.filter(({ text }) => !consequences.some((pattern) => pattern.test(text)));
  if (causes.length > 0) return causes.slice(0, limit);
  if (errors.length > 0) return errors.slice(0, limit);
  return lines.filter(({ level }) => level === 'warning').slice(-limit);
}
