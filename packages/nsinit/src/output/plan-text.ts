import type { AddedMount, PrintedInstruction } from '@nsinit/libcontainer';

/** Column in which reasons begin, where the call is not longer. */
const REASON_COLUMN = 84;

/** A program for people: a line for each call, its reason behind it. */
export function planText(instructions: readonly PrintedInstruction[], added: readonly AddedMount[]): string {
  const notes = added.map(({ mount, reason }) => `# added: ${mount.device} on ${mount.destination}: ${reason}\n`);
  const width = String(instructions.length - 1).length;
  return [...notes, ...instructions.map((instruction) => `${instructionLine(instruction, width)}\n`)].join('');
}

function instructionLine({ index, text, errors, what, field }: PrintedInstruction, width: number): string {
  const call = `${String(index).padStart(width)}  ${text}${errors === undefined ? '' : `  [${errors}]`}`;
  const reason = [field, what].filter((part) => part !== undefined).join(': ');
  return reason === '' ? call : `${call.padEnd(REASON_COLUMN)}  # ${reason}`;
}
