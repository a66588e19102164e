/** How well a host does at something: as it should, in part, or not at all. */
export type FindingStatus = 'ok' | 'limited' | 'missing';

/** One thing that a host can do or not. */
export interface Finding {
  /** What kind of thing it is: `namespaces`. */
  readonly group: string;
  /** The thing: `network`. */
  readonly name: string;
  readonly status: FindingStatus;
  /** What was found, and why that is so. */
  readonly detail: string;
  /** What to do about it; undefined when it is as it should be, or nothing can be done. */
  readonly remedy?: string;
}

/** Makes findings of one group. */
export function findingsOf(group: string) {
  const make =
    (status: FindingStatus) =>
    (name: string, detail: string, remedy?: string): Finding => ({
      group,
      name,
      status,
      detail,
      ...(remedy === undefined ? {} : { remedy }),
    });
  return { ok: make('ok'), limited: make('limited'), missing: make('missing') };
}
