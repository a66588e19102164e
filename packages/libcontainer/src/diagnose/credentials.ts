import { capabilityName, maskNames } from '@nsinit/capabilities';
import { errnoMessage } from '@nsinit/syscall';
import { fieldArgument } from './call-text.ts';
import type { Explanation, Failure, Rule } from './failure.ts';
import { readText } from './host.ts';
import { whyRefused } from './privilege.ts';
import { whyNoProcess } from './process-limit.ts';
import { isMapped } from './subject.ts';

/** Failures of becoming a user, and of taking and leaving capabilities. */
export const credentialRules: readonly Rule[] = [
  { ops: ['setgroups'], errnos: ['EPERM'], explain: explainGroupsRefused },
  { ops: ['setgroups', 'setresgid', 'setresuid'], errnos: ['EINVAL'], explain: explainUnmapped },
  {
    ops: ['setresuid', 'setresgid', 'setgroups'],
    errnos: ['EPERM'],
    explain: (failure) => whyRefused(failure, failure.op === 'setresuid' ? 'CAP_SETUID' : 'CAP_SETGID'),
  },
  { ops: ['setresuid'], errnos: ['EAGAIN'], explain: whyNoProcess },
  { ops: ['capset'], errnos: ['EPERM'], explain: explainCapset },
  { ops: ['prctl'], errnos: ['EPERM', 'EINVAL'], field: /^capabilities/, explain: explainPrctl },
];

function explainGroupsRefused(failure: Failure): Explanation | undefined {
  if (readText(`/proc/${failure.context.pid ?? 'self'}/setgroups`) !== 'deny') return undefined;
  return {
    cause: 'the user namespace does not let groups be set: /proc/PID/setgroups is deny',
    hint: 'have the group ids mapped by a privileged process (newgidmap), or start with no additional groups',
  };
}

function explainUnmapped(failure: Failure): Explanation | undefined {
  const { actor, op } = failure;
  const map = op === 'setresuid' ? actor.uidMap : actor.gidMap;
  const ids = (failure.error.step.text.slice(op.length).match(/\d+/g) ?? []).map(Number);
  const given = op === 'setgroups' ? ids.slice(1) : ids;
  const unmapped = given.find((id) => !isMapped(map, id));
  if (unmapped === undefined)
    return op === 'setgroups' && given.length > 65536
      ? { cause: `${given.length} groups, 65536 are possible` }
      : undefined;
  const what = op === 'setresuid' ? 'user' : 'group';
  const field = op === 'setresuid' ? 'uidMappings' : 'gidMappings';
  const ranges = map.map(({ containerId, size }) => `${containerId}-${containerId + size - 1}`).join(', ');
  return {
    cause: `${what} ${unmapped} is not mapped in the user namespace, which has ${ranges || 'none'}`,
    hint: `add it to ${field}, or run as a ${what} that is mapped`,
  };
}

function explainCapset(failure: Failure): Explanation | undefined {
  const wanted = (set: string) =>
    fieldArgument(failure.args[1], `${set}_low`) | (fieldArgument(failure.args[1], `${set}_high`) << 32n);
  const { permitted, inheritable, bounding } = failure.actor;
  const lacking = (wanted('permitted') | wanted('effective')) & ~permitted;
  if (lacking !== 0n)
    return {
      cause: `the process does not have ${maskNames(lacking).join(', ')} itself and cannot give it to the program`,
      hint: 'leave it out of the capabilities, or start as a user that has it',
    };
  const unbounded = wanted('inheritable') & ~(inheritable | bounding);
  if (unbounded === 0n) return undefined;
  return { cause: `${maskNames(unbounded).join(', ')} cannot be inheritable: it is not in the bounding set` };
}

function explainPrctl(failure: Failure): Explanation | undefined {
  const [op, first, second] = failure.args;
  if (op === 'PR_CAPBSET_DROP') {
    if (failure.errno === 'EINVAL') return { cause: `the kernel has no capability ${first}` };
    return whyRefused(failure, 'CAP_SETPCAP');
  }
  if (op !== 'PR_CAP_AMBIENT' || failure.errno !== 'EPERM') return undefined;
  const number = Number(second);
  const bit = 1n << BigInt(number);
  const { permitted, inheritable } = failure.actor;
  const missing = [(permitted & bit) === 0n ? 'permitted' : '', (inheritable & bit) === 0n ? 'inheritable' : ''].filter(
    Boolean,
  );
  if (missing.length === 0)
    return { cause: `${errnoMessage(failure.error.errno)}: SECBIT_NO_CAP_AMBIENT_RAISE is set` };
  return {
    cause: `${capabilityName(number)} is not ${missing.join(' and not ')}, so that it cannot be ambient`,
    hint: `add it to the ${missing.join(' and ')} set too`,
  };
}
