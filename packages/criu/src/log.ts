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

/** Time, process, level and source may each be missing: `(00.025948)      1: Error (criu/files.c:1221): text`. */
const linePattern =
  /^(?:\((?<seconds>\d+)\.(?<fraction>\d{6})\)\s+)?(?:pie: )?(?:(?<pid>\d+): )?(?:(?<level>Error|Warn)\s+\((?<source>[^()\s]+:\d+)\): ?)?(?<text>.*)$/;

const levels = { Error: 'error', Warn: 'warning' } as const;

/** Reads a log, whatever its level was. An empty line is none. */
export function parseLog(text: string): readonly LogLine[] {
  return text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const { seconds, fraction, pid, level, source, text: rest } = linePattern.exec(line)!.groups!;
      return {
        level: level === undefined ? 'info' : levels[level as keyof typeof levels],
        text: rest!.trim(),
        ...(seconds === undefined ? {} : { microseconds: Number(seconds) * 1e6 + Number(fraction) }),
        ...(pid === undefined ? {} : { pid: Number(pid) }),
        ...(source === undefined ? {} : { source }),
      };
    });
}

/** Lines that successful runs have too: criu goes on after them. */
const harmless: readonly RegExp[] = [
  /^rlimit: Can't setup RLIMIT_NOFILE for self/,
  /^Can't keep kdat cache on non-tempfs$/,
  /^Will restore \d+ with interrupted system call$/,
];

/** Errors which only say that an earlier one had consequences. */
const consequences: readonly RegExp[] = [
  /^(?:Dumping|Pre-dumping|Restoring|Lazy pages transfer) FAILED\.$/,
  /^Dump \S+ \(pid: \d+\) failed with -?\d+$/,
  // What a helper of criu's own probes ended with.
  /^(?:\d+ )?(?:exited, status=|killed by signal )\d+/,
  /^Unable to detach from \d+: No such process$/,
  /^RPC client reported script error$/,
];

/** Programs that criu calls and does without, unless a later error says what it needed them for. */
const attempts: readonly RegExp[] = [
  /^ip6?tables\S* -V failed$/,
  // Denied where a directory of PATH is closed to root of the container's user namespace.
  /^execvp\("[^"]*", \.\.\.\) failed: (?:No such file or directory|Permission denied)$/,
];

/** Causes that criu tells at the level of a remark. */
const quietCauses: readonly RegExp[] = [/^Can't connect to server /];

const matches = (patterns: readonly RegExp[], { text }: LogLine): boolean =>
  patterns.some((pattern) => pattern.test(text));

/**
 * The lines of a log that tell why an operation failed, the first of them first: its errors, without those that come
 * with success too and those that only follow from another one. When no error is left, the warnings, then whatever
 * else went wrong.
 *
 * @param limit how many at most.
 */
export function decisiveLines(lines: readonly LogLine[], limit = 5): readonly LogLine[] {
  const telling = lines.filter((line) => !matches(harmless, line));
  const errors = telling.filter((line) => line.level === 'error' || matches(quietCauses, line));
  const causes = errors.filter((line) => !matches(consequences, line));
  const warnings = telling.filter(({ level }) => level === 'warning');
  const sure = causes.filter((line) => !matches(attempts, line));
  const found = [sure, causes, warnings, errors].find(({ length }) => length > 0) ?? [];
  return found.filter(({ text }, index) => found.findIndex((other) => other.text === text) === index).slice(0, limit);
}
