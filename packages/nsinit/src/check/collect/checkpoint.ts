import { Criu, CriuError } from '@nsinit/criu';
import type { CheckpointFact } from '../facts.ts';

/** How long criu may take to look at the kernel, in milliseconds. */
const PATIENCE_MS = 20_000;

/**
 * Asks criu whether it works with this kernel, and for what.
 *
 * @param path of the program; undefined: there is none.
 */
export async function collectCheckpoint(path: string | undefined, uid: number): Promise<CheckpointFact | undefined> {
  // It looks at what only root may see.
  if (path === undefined || uid !== 0) return undefined;
  const criu = new Criu({ path });
  const signal = AbortSignal.timeout(PATIENCE_MS);
  try {
    await criu.version({ signal });
    await criu.check({ signal });
    return await criu.features({ signal });
  } catch (error) {
    if (!(error instanceof CriuError)) throw error;
    const { message, remedy } = error;
    if (remedy === undefined || !message.endsWith(`; ${remedy}`)) return { message };
    return { message: message.slice(0, -remedy.length - 2), remedy };
  }
}
