/**
 * The candidate that was probably meant: the nearest one when at most a third of its letters differ. Case and
 * punctuation do not count.
 */
export function suggest(text: string, candidates: Iterable<string>): string | undefined {
  // A long text is no misspelling, and the comparison's cost grows with its length.
  if (text.length > 64) return undefined;
  const wanted = plain(text);
  let best: string | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (const candidate of candidates) {
    const name = plain(candidate);
    const limit = Math.min(least - 1, Math.max(1, Math.floor(name.length / 3)));
    if (Math.abs(name.length - wanted.length) > limit) continue;
    const distance = editDistance(wanted, name);
    if (distance > limit) continue;
    best = candidate;
    least = distance;
  }
  return best;
}

/** As the end of a message: ` (did you mean chown?)`, or nothing. */
export function didYouMean(text: string, candidates: Iterable<string>): string {
  const found = suggest(text, candidates);
  return found === undefined ? '' : ` (did you mean ${found}?)`;
}

function plain(text: string): string {
  return text.toLowerCase().replace(/[^a-z0-9]/g, '');
}

/** Letters to insert, delete, replace, or exchange with their neighbour. */
function editDistance(from: string, to: string): number {
  const rows = [Array.from({ length: to.length + 1 }, (_, index) => index)];
  for (let row = 1; row <= from.length; row++) {
    const above = rows[row - 1]!;
    const current = [row];
    for (let column = 1; column <= to.length; column++) {
      const replace = above[column - 1]! + (from[row - 1] === to[column - 1] ? 0 : 1);
      const swapped = from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      const swap = swapped ? rows[row - 2]![column - 2]! + 1 : replace;
      current.push(Math.min(replace, swap, above[column]! + 1, current[column - 1]! + 1));
    }
    rows.push(current);
  }
  return rows[from.length]![to.length]!;
}
