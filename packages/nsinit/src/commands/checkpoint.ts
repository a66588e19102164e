import type { CheckpointResult } from '@nsinit/libcontainer';
import type { CommandInvocation } from '../cli/parse.ts';
import { UsageError } from '../cli/usage-error.ts';
import { milliseconds, Progress, size } from '../output/progress.ts';
import { imageOptions } from '../run/image-options.ts';
import { loadContainer } from '../run/load.ts';
import type { Context } from './context.ts';

/** `nsinit checkpoint`: saves the processes of a container. */
export async function run({ values }: CommandInvocation<'checkpoint'>, context: Context): Promise<number> {
  const images = imageOptions(values, context.cwd);
  const parentPath = values['parent-path'];
  if (parentPath?.startsWith('/'))
    throw new UsageError(
      `--parent-path ${parentPath} is absolute`,
      'write it relative to --image-path: images move to other places together',
    );
  const status = values['status-fd'];
  const container = await loadContainer(values, context);
  using progress = new Progress(context.log);
  const result = await container.checkpoint({
    ...images,
    parentPath,
    leaveRunning: values['leave-running'],
    preDump: values['pre-dump'],
    tcpSkipInFlight: values['tcp-skip-in-flight'],
    ...(status === undefined ? {} : { statusFd: { fd: status } }),
    onStep: (step) => progress.step(step),
  });
  const what = values['pre-dump'] ? 'pre-dump' : 'checkpoint';
  progress.finish(`${what} of ${container.id} in ${progress.elapsedMs.toFixed(1)} ms${told(result)}`);
  return 0;
}

function told({ statistics }: CheckpointResult): string {
  if (!statistics) return '';
  const { pagesWritten, bytesWritten, pagesSkippedParent, frozenMicroseconds } = statistics;
  const skipped = pagesSkippedParent > 0n ? `, ${pagesSkippedParent} pages left in the parent` : '';
  return `: ${pagesWritten} pages, ${size(bytesWritten)}${skipped}, frozen for ${milliseconds(frozenMicroseconds)}`;
}
