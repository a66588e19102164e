import type { Facts } from '../facts.ts';
import { type Finding, findingsOf } from '../finding.ts';

/** CAP_SYS_ADMIN, see capabilities(7). */
const CAP_SYS_ADMIN = 21n;

const { ok, missing } = findingsOf('start');

/** Whether a container of the template starts, as the attempt to start one went. */
export function evaluateStart({ start, capabilities }: Facts): readonly Finding[] {
  const name = 'template';
  const rootless = (capabilities >> CAP_SYS_ADMIN) % 2n === 0n;
  const how = rootless ? ' in a user namespace' : '';
  if (start === 'ok') return [ok(name, `a container of the built-in template was started${how} and has ended`)];
  const remedy =
    start.hint ?? (rootless ? 'see "unprivileged users" above, or run as root' : 'see what is missing above');
  return [missing(name, `a container of the built-in template does not start: ${start.message}`, remedy)];
}
