import { createFactory, type Factory } from '@nsinit/libcontainer';
import type { Context } from '../commands/context.ts';

/** Opens the directory of containers. */
export async function openFactory(root: string, { global, log }: Context): Promise<Factory> {
  return await createFactory(root, {
    ...(global.criu === undefined ? {} : { criuPath: global.criu }),
    trace: (phase, elapsedMs) => log.debug(`${elapsedMs.toFixed(3).padStart(9)} ms  ${phase}`),
  });
}
