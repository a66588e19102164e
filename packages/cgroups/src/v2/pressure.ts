import type { Group } from '../fs/group.ts';
import { parsePressure } from '../stats/pressure.ts';
import { noBlkioEntries, type StatsBuilder } from '../stats/stats.ts';

/** Pressure of a group: its files need no controller, but PSI must be on (`psi=1`). */
export function readPressure(group: Group, into: StatsBuilder): void {
  const cpu = group.tryValue('cpu.pressure', parsePressure);
  if (cpu) into.cpu = { ...into.cpu, pressure: cpu };
  const memory = group.tryValue('memory.pressure', parsePressure);
  if (memory) into.memory = { ...into.memory, pressure: memory };
  const io = group.tryValue('io.pressure', parsePressure);
  if (io) into.blkio = { ...(into.blkio ?? noBlkioEntries), pressure: io };
}
