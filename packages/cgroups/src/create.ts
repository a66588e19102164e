import { CgroupfsManager } from './cgroupfs/manager.ts';
import type { Manager } from './manager.ts';
import type { GroupOptions } from './options.ts';

/** Which group, with which driver. */
export interface ManagerOptions extends GroupOptions {
  readonly driver?: 'cgroupfs';
}

/** Makes a manager. */
export async function createManager(options: ManagerOptions): Promise<Manager> {
  return new CgroupfsManager(options);
}
