/** Numbers out of samples, and tables out of numbers. */

const sorted = (samples) => [...samples].sort((a, b) => a - b);

/** The value below which the given share (0 to 1) of the samples lies, interpolated. */
export function quantile(samples, share) {
  const order = sorted(samples);
  const at = (order.length - 1) * share;
  const low = Math.floor(at);
  const high = Math.min(low + 1, order.length - 1);
  return order[low] + (order[high] - order[low]) * (at - low);
}

const MS = 1e6;

/** Samples in nanoseconds to figures in milliseconds. */
export function figures(samples) {
  const round = (ns) => Math.round(ns / (MS / 1000)) / 1000;
  return {
    samples: samples.length,
    medianMs: round(quantile(samples, 0.5)),
    p10Ms: round(quantile(samples, 0.1)),
    p90Ms: round(quantile(samples, 0.9)),
    minMs: round(Math.min(...samples)),
  };
}

/** Lines of a table whose first column is text and whose others are numbers. */
export function table(rows) {
  const widths = rows[0].map((_, i) => Math.max(...rows.map((row) => row[i].length)));
  const line = (row) => row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]))).join('  ');
  return [line(rows[0]), widths.map((width) => '-'.repeat(width)).join('  '), ...rows.slice(1).map(line)].join('\n');
}
