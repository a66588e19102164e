/** A place in a text as editors show it. */
export interface TextPosition {
  /** From 1. */
  readonly line: number;
  /** In UTF-16 characters of the line, from 1. */
  readonly column: number;
}

/** Gives the line and column of offsets in one text. Lines end in LF, CR LF or CR. */
export function positionsOf(text: string): (offset: number) => TextPosition {
  const starts = [0];
  for (const { 0: end, index } of text.matchAll(/\r\n|\n|\r/g)) starts.push(index + end.length);
  return (offset) => {
    let [low, high] = [0, starts.length];
    while (high - low > 1) {
      const middle = (low + high) >>> 1;
      if (starts[middle]! <= offset) low = middle;
      else high = middle;
    }
    return { line: low + 1, column: offset - starts[low]! + 1 };
  };
}
