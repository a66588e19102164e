import type {
  AddedMount,
  FilterDescription,
  PlannedGroupStep,
  PlannedNetworkStep,
  PrintedInstruction,
} from '@nsinit/libcontainer';

/** Column in which reasons begin, where the call is not longer. */
const REASON_COLUMN = 84;

/** What a plan has to say beside its system calls. */
interface Beside {
  readonly cgroup?: readonly PlannedGroupStep[];
  readonly network?: readonly PlannedNetworkStep[];
  readonly filter?: FilterDescription | undefined;
}

/**
 * A program for people: a line for each call, its reason behind it; then what is done about groups and network from outside, and
 * what the filter does.
 */
export function planText(
  instructions: readonly PrintedInstruction[],
  added: readonly AddedMount[],
  { cgroup = [], network = [], filter }: Beside = {},
): string {
  const notes = added.map(({ mount, reason }) => `# added: ${mount.device} on ${mount.destination}: ${reason}\n`);
  const width = String(instructions.length - 1).length;
  const lines = instructions.map((instruction) => `${instructionLine(instruction, width)}\n`);
  const filtered = [...(filter?.summary ?? []), ...(filter?.calls ?? [])].map((line) => `# filter: ${line}\n`);
  return [...notes, ...lines, ...groupLines(cgroup), ...networkLines(network), ...filtered].join('');
}

function groupLines(cgroup: readonly PlannedGroupStep[]): readonly string[] {
  if (cgroup.length === 0) return [];
  const steps = cgroup.map(({ field, what, text }) => `   ${text}  # ${field}: ${what}\n`);
  return ['# from outside, before the new process (its number is PID) has done anything, the same as:\n', ...steps];
}

function networkLines(network: readonly PlannedNetworkStep[]): readonly string[] {
  if (network.length === 0) return [];
  const steps = network.map(({ field, what, text }) => `   ${text}  # ${field}: ${what}\n`);
  return ['# from outside, over netlink, while the new process waits (its number is PID), the same as:\n', ...steps];
}

function instructionLine({ index, text, errors, what, field }: PrintedInstruction, width: number): string {
  const call = `${String(index).padStart(width)}  ${text}${errors === undefined ? '' : `  [${errors}]`}`;
  const reason = [field, what].filter((part) => part !== undefined).join(': ');
  return reason === '' ? call : `${call.padEnd(REASON_COLUMN)}  # ${reason}`;
}
