import type { Facts } from '../facts.ts';
import type { Finding } from '../finding.ts';
import { evaluateCgroups } from './cgroups.ts';
import { evaluateCheckpoint } from './checkpoint.ts';
import { evaluateFilesystems } from './filesystems.ts';
import { evaluateKernel } from './kernel.ts';
import { evaluateLimits } from './limits.ts';
import { evaluateNamespaces } from './namespaces.ts';
import { evaluatePrograms } from './programs.ts';
import { evaluateSecurity } from './security.ts';
import { evaluateStart } from './start.ts';
import { evaluateSystemd } from './systemd.ts';
import { evaluateUsers } from './users.ts';

/** Judges a host. */
export function evaluate(facts: Facts): readonly Finding[] {
  return [
    evaluateKernel,
    evaluateNamespaces,
    evaluateCgroups,
    evaluateSystemd,
    evaluateSecurity,
    evaluateFilesystems,
    evaluateUsers,
    evaluatePrograms,
    evaluateCheckpoint,
    evaluateLimits,
    evaluateStart,
  ].flatMap((judge) => judge(facts));
}
