import type { Facts } from '../facts.ts';
import { type Finding, findingsOf } from '../finding.ts';

/** CAP_SYS_ADMIN, see capabilities(7). */
const CAP_SYS_ADMIN = 21n;

const { ok, missing } = findingsOf('start');

/** Whether a container of the template starts, as the attempt to start one went. */
export function evaluateStart({ start, uid, capabilities }: Facts): readonly Finding[] {
  const name = 'template';
  if (start === 'ok') return [ok(name, 'a container of the built-in template was started and has ended')];
  const privileged = (capabilities >> CAP_SYS_ADMIN) % 2n === 1n;
  const remedy = privileged
    ? (start.hint ?? 'see what is missing above')
    : `run as root: user ${uid} lacks CAP_SYS_ADMIN here`;
  return [missing(name, `a container of the built-in template does not start: ${start.message}`, remedy)];
}
