/** One line of uid_map or gid_map, see user_namespaces(7). */
export interface IdMap {
  /** First id inside the container. */
  readonly containerId: number;
  /** First id outside. */
  readonly hostId: number;
  /** Number of ids, at least 1. */
  readonly size: number;
}
