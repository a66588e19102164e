import { constants } from 'node:os';

/** The largest signal number, that of SIGRTMAX. signal(7) */
const LAST_SIGNAL = 64;

/** The number of a signal given as `9`, `KILL` or `SIGKILL`; undefined when there is none of that name or number. */
export function parseSignal(text: string): number | undefined {
  if (/^\d{1,2}$/.test(text)) return Number(text) <= LAST_SIGNAL ? Number(text) : undefined;
  const upper = text.toUpperCase();
  const name = upper.startsWith('SIG') ? upper : `SIG${upper}`;
  return Object.hasOwn(constants.signals, name) ? constants.signals[name as NodeJS.Signals] : undefined;
}
