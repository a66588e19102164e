import type { Finding } from './finding.ts';

/** Findings for people: a line for each, under the heading of its group, with the remedy below. */
export function findingsText(findings: readonly Finding[]): string {
  const width = Math.max(...findings.map(({ name }) => name.length));
  const groups = [...new Set(findings.map(({ group }) => group))];
  return groups
    .map((group) => {
      const rows = findings
        .filter((finding) => finding.group === group)
        .map(({ name, status, detail, remedy }) => {
          const line = `  ${name.padEnd(width)}  ${status.padEnd(7)}  ${detail}\n`;
          return remedy === undefined ? line : `${line}  ${' '.repeat(width + 11)}-> ${remedy}\n`;
        });
      return `${group}\n${rows.join('')}`;
    })
    .join('\n');
}
