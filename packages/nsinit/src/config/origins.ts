/** Which flag asked for a field of the configuration. */
export interface Origin {
  /** Path in the JSON form: `cgroups.memory`, `mounts[6]`. */
  readonly field: string;
  /** The flag as it is written: `--memory-limit`. */
  readonly flag: string;
}

/** Fields are named after the JSON form by some and after the TypeScript form by others. */
const normal = (field: string): string => field.replaceAll('_', '').toLowerCase();

const within = (part: string, whole: string): boolean =>
  part.startsWith(whole) && /[.[]/.test(part[whole.length] ?? '');

/**
 * The flags that asked for a field, or for something in it or around it; none when the configuration itself did.
 *
 * @param field path of the field, `cgroups.memory` or `mounts[6].source`; undefined: none.
 */
export function flagsBehind(field: string | undefined, origins: readonly Origin[]): readonly string[] {
  if (field === undefined) return [];
  const wanted = normal(field);
  const matching = (test: (own: string) => boolean): readonly string[] => [
    ...new Set(origins.filter(({ field: own }) => test(normal(own))).map(({ flag }) => flag)),
  ];
  const exact = matching((own) => own === wanted || within(wanted, own));
  return exact.length > 0 ? exact : matching((own) => within(own, wanted));
}
