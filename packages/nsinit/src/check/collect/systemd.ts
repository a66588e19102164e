import { execFile } from 'node:child_process';
import { isSystemdRunning, sharedClient } from '@nsinit/cgroups';
import { readMountinfo } from '@nsinit/mount';
import type { Attempt, SystemdFact } from '../facts.ts';
import { userManagerControllers } from './cgroups.ts';
import { findProgram } from './read.ts';

/** How long systemctl may take to tell its version, in milliseconds. */
const VERSION_TIMEOUT_MS = 5000;

/** Asks systemd, by root that of the system, by others their own manager; undefined when it is not the first process. */
export async function collectSystemd(uid: number): Promise<SystemdFact | undefined> {
  if (!isSystemdRunning()) return undefined;
  const unified = readMountinfo('self').find(({ fsType }) => fsType === 'cgroup2');
  return {
    ...(await askBus(uid !== 0)),
    userControllers: uid === 0 || !unified ? undefined : userManagerControllers(unified.mountPoint, uid),
  };
}

async function askBus(user: boolean): Promise<{ readonly version: number | undefined; readonly bus: Attempt }> {
  const client = sharedClient(user);
  try {
    return { version: await client.version(), bus: 'ok' };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { version: await installedVersion(), bus: { errno: undefined, message } };
  } finally {
    await client.close();
  }
}

/** The version that is installed, which is the running one but after an update. */
async function installedVersion(): Promise<number | undefined> {
  const systemctl = findProgram('systemctl');
  if (systemctl === undefined) return undefined;
  const said = await new Promise<string>((resolve) => {
    // One that fails says no version: then none is known.
    execFile(systemctl, ['--version'], { timeout: VERSION_TIMEOUT_MS }, (_error, stdout) => resolve(stdout));
  });
  return systemdVersion(said);
}

/** The number in what `systemctl --version` prints: 252 of `systemd 252 (252.39-1~deb12u2)`. */
export function systemdVersion(text: string): number | undefined {
  const number = /^systemd (\d+)/m.exec(text)?.[1];
  return number === undefined ? undefined : Number(number);
}
