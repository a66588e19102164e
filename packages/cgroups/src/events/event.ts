/** Processes were killed because memory was out. */
export interface OomEvent {
  /** How often since the event before: more than 1 when the reader was slow. v1 counts occasions, v2 processes. */
  readonly count: bigint;
}

/** Memory gets scarce. */
export interface PressureEvent {
  /** How often since the event before. */
  readonly count: bigint;
}
