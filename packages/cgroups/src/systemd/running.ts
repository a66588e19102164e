import { statSync } from 'node:fs';

/** Whether systemd is the init of this host. sd_booted(3) */
export function isSystemdRunning(): boolean {
  return statSync('/run/systemd/system', { throwIfNoEntry: false })?.isDirectory() ?? false;
}
