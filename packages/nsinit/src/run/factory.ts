import { createFactory, type Factory } from '@nsinit/libcontainer';
import type { Context } from '../commands/context.ts';

/** Opens the directory of containers. What a configuration asks for and does not get is a warning. */
export async function openFactory(root: string, { global, log }: Context): Promise<Factory> {
  return await createFactory(root, {
    ...(global.criu === undefined ? {} : { criuPath: global.criu }),
    onWarning: (message) => log.warn(message),
    trace: (phase, elapsedMs) => log.debug(`${elapsedMs.toFixed(3).padStart(9)} ms  ${phase}`),
  });
}
