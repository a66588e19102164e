/** Number of single-character insertions, deletions and replacements that turn one text into the other. */
export function editDistance(from: string, to: string): number {
  let previous = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let row = 1; row <= from.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= to.length; column += 1) {
      const replace = previous[column - 1]! + (from[row - 1] === to[column - 1] ? 0 : 1);
      current.push(Math.min(replace, previous[column]! + 1, current[column - 1]! + 1));
    }
    previous = current;
  }
  return previous[to.length]!;
}

const plain = (text: string): string => text.toLowerCase().replace(/[^a-z0-9]/g, '');

/**
 * The candidate that was probably meant: the nearest one by edit distance, when at most a third of its characters
 * differ. Case and punctuation do not count, so `readonlyFs` suggests `readonlyfs`.
 */
export function suggest(text: string, candidates: readonly string[]): string | undefined {
  // A long text is no misspelling, and the comparison's cost grows with its length.
  if (text.length > 64) return undefined;
  const wanted = plain(text);
  const ranked = candidates
    .map((candidate) => ({ candidate, distance: editDistance(wanted, plain(candidate)) }))
    .filter(({ candidate, distance }) => distance <= Math.max(1, Math.floor(plain(candidate).length / 3)))
    .sort((left, right) => left.distance - right.distance);
  return ranked[0]?.candidate;
}
