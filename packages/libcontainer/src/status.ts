/** What a container is doing; the numbers are the original's. */
export const Status = {
  /** It has a live init process. */
  Running: 1,
  /** It is on its way to Paused. */
  Pausing: 2,
  /** Its processes are frozen. */
  Paused: 3,
  /** Its processes are saved on disk. */
  Checkpointed: 4,
  /** It has no process: not started yet, or ended. */
  Destroyed: 5,
} as const;

/** One of {@link Status}. */
export type Status = (typeof Status)[keyof typeof Status];

/** The name of a status. */
export function statusName(status: Status): keyof typeof Status {
  return (Object.keys(Status) as (keyof typeof Status)[]).find((name) => Status[name] === status)!;
}
