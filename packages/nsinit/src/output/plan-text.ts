import type { AddedMount, FilterDescription, PrintedInstruction } from '@nsinit/libcontainer';

/** Column in which reasons begin, where the call is not longer. */
const REASON_COLUMN = 84;

/** A program for people: a line for each call, its reason behind it; what the filter does at the end. */
export function planText(
  instructions: readonly PrintedInstruction[],
  added: readonly AddedMount[],
  filter?: FilterDescription,
): string {
  const notes = added.map(({ mount, reason }) => `# added: ${mount.device} on ${mount.destination}: ${reason}\n`);
  const width = String(instructions.length - 1).length;
  const lines = instructions.map((instruction) => `${instructionLine(instruction, width)}\n`);
  const filtered = [...(filter?.summary ?? []), ...(filter?.calls ?? [])].map((line) => `# filter: ${line}\n`);
  return [...notes, ...lines, ...filtered].join('');
}

function instructionLine({ index, text, errors, what, field }: PrintedInstruction, width: number): string {
  const call = `${String(index).padStart(width)}  ${text}${errors === undefined ? '' : `  [${errors}]`}`;
  const reason = [field, what].filter((part) => part !== undefined).join(': ');
  return reason === '' ? call : `${call.padEnd(REASON_COLUMN)}  # ${reason}`;
}
