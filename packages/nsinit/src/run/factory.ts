import { createFactory, type Factory } from '@nsinit/libcontainer';
import type { Context } from '../commands/context.ts';

/** Opens the directory of containers. @param systemd whether systemd keeps the control groups of new ones. */
export async function openFactory(root: string, { global, log }: Context, systemd = false): Promise<Factory> {
  return await createFactory(root, {
    ...(global.criu === undefined ? {} : { criuPath: global.criu }),
    ...(systemd ? { cgroupDriver: 'systemd' } : {}),
    trace: (phase, elapsedMs) => log.debug(`${elapsedMs.toFixed(3).padStart(9)} ms  ${phase}`),
  });
}
