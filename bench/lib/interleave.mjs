/** Measurements that take turns, so that a slow moment of the machine falls on all of them. */
import { figures, table } from './stats.mjs';

/**
 * Measures subjects `{ name, measure }` in an order that turns; `measure()` gives nanoseconds. The rounds of the warm-up come
 * first and are not counted. Returns `{ name, …figures }` for each.
 */
export async function interleave(subjects, rounds, warmUp) {
  const samples = subjects.map(() => []);
  for (let round = -warmUp; round < rounds; round++) {
    for (let i = 0; i < subjects.length; i++) {
      const at = (i + round + warmUp) % subjects.length;
      const ns = await subjects[at].measure();
      if (round >= 0) samples[at].push(ns);
    }
  }
  return subjects.map(({ name }, i) => ({ name, ...figures(samples[i]) }));
}

/** Prints what {@link interleave} returned, with each one's median as a multiple of the reference's. */
export function print(title, results, reference) {
  const base = results.find(({ name }) => name === reference).medianMs;
  const ms = (value) => value.toFixed(2);
  const rows = results.map((result) => [
    result.name,
    ...[result.medianMs, result.p10Ms, result.p90Ms, result.minMs].map(ms),
    `${(result.medianMs / base).toFixed(2)} ×`,
  ]);
  console.log(`\n${title}\n`);
  console.log(table([['milliseconds', 'median', 'p10', 'p90', 'min', `÷ ${reference}`], ...rows]));
}
