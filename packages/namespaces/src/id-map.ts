/** One range of ids: `size` ids from `containerId` inside are those from `hostId` outside. user_namespaces(7) */
export interface IdMap {
  /** First id inside the namespace, 0 to 4294967294. */
  readonly containerId: number;
  /** First id outside. */
  readonly hostId: number;
  /** How many, at least 1. */
  readonly size: number;
}

/** A range in few words: `mapRange(0, 100000, 65536)`. */
export function mapRange(containerId: number, hostId: number, size: number): IdMap {
  return { containerId, hostId, size };
}

/** The lines that /proc/PID/uid_map and gid_map take. */
export function formatIdMap(maps: readonly IdMap[]): string {
  return maps.map(({ containerId, hostId, size }) => `${containerId} ${hostId} ${size}\n`).join('');
}
