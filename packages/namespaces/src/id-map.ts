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

/** The id outside that is `id` inside; undefined when the maps leave it out. */
export function idOutside(maps: readonly IdMap[], id: number): number | undefined {
  const map = maps.find(({ containerId, size }) => id >= containerId && id - containerId < size);
  return map && map.hostId + (id - map.containerId);
}

/** The id inside that is `id` outside; undefined when the maps leave it out: inside it is the overflow id, 65534. */
export function idInside(maps: readonly IdMap[], id: number): number | undefined {
  const map = maps.find(({ hostId, size }) => id >= hostId && id - hostId < size);
  return map && map.containerId + (id - map.hostId);
}
