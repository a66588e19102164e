import { readFile } from 'node:fs/promises';
import { CriuError } from './errors.ts';
import { decisiveLines, type LogLine, parseLog } from './log.ts';
import { remedyFor } from './remedies.ts';
import type { Failure } from './rpc/operation.ts';

const words = {
  failed: 'failed',
  died: 'failed',
  refused: 'was refused by the caller',
  aborted: 'was aborted',
} as const;

/** The error for a failure, with what the log says about it. */
export async function criuError(request: string, failure: Failure, logPath: string | undefined): Promise<CriuError> {
  const { kind, response, death, output, cause } = failure;
  const lines = logPath === undefined ? [] : await readLog(logPath);
  const log = decisiveLines(lines);
  // Only the log tells which line is the cause; criu's own message is its first error, which it is mostly. What a file of
  // settings has wrong is printed before there is a log.
  const printed = output?.trim().split('\n').at(-1) || undefined;
  const said = (log[0]?.text ?? response?.cr_errmsg ?? printed)?.trim().replace(/\.$/, '');
  const deliberate = kind === 'refused' || kind === 'aborted';
  const parts = [`criu ${request} ${words[kind]}`, death, deliberate ? undefined : said];
  const message = parts.filter((part) => part !== undefined && part !== '').join(': ');
  const number = response?.cr_errno;
  return new CriuError(message, {
    kind,
    request,
    log,
    logPath: lines.length > 0 ? logPath : undefined,
    ...(deliberate
      ? { cause }
      : {
          errno: number === 0 ? undefined : number,
          remedy: remedyFor(log.map(({ text }) => text).join('\n') || (said ?? '')),
        }),
  });
}

/** Nothing when criu failed before it opened its log. */
async function readLog(path: string): Promise<readonly LogLine[]> {
  try {
    return parseLog(await readFile(path, 'utf8'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
