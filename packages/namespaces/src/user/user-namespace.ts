import type { Fd } from '@nsinit/syscall';
import { namespacePath } from '../kinds.ts';
import { openNamespace } from '../launch/joins.ts';
import { launch } from '../launch/launch.ts';
import { openNull } from '../launch/null.ts';
import { planLaunch } from '../launch/plan.ts';
import type { UserMaps } from './auto-map.ts';
import { writeIdMaps } from './write-maps.ts';

/**
 * Makes a user namespace with these maps and nobody in it: for id-mapped mounts, which take their mapping from one.
 * mount_setattr(2)
 *
 * @returns a descriptor that keeps it.
 * @throws {StepError} when no user namespace can be made, {IdMapError} for maps that are refused.
 */
export async function createUserNamespace(maps: UserMaps): Promise<Fd> {
  const plan = planLaunch({ newNamespaces: ['NEWUSER'], barrier: true, supervisor: false }, () => {});
  const done = new AbortController();
  let namespace: Fd | undefined;
  using nothing = openNull();
  try {
    await launch(plan, {
      stdio: [nothing, nothing, nothing],
      onCreated: async (pid) => {
        await writeIdMaps(pid, maps);
        namespace = openNamespace(namespacePath(pid, 'NEWUSER'));
        // That is all the process was for.
        done.abort();
        done.signal.throwIfAborted();
      },
    });
  } catch (error) {
    if (error === done.signal.reason && namespace) return namespace;
    namespace?.close();
    throw error;
  }
  throw new Error('the process of a user namespace went on without being told to');
}
