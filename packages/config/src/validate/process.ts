import { CAPABILITIES, capabilitySets, isCapability, isCapabilityList, normaliseCapability } from '../capability.ts';
import { suggest } from '../codec/suggest.ts';
import type { Config } from '../config.ts';
import { RLIM_INFINITY, RLIMITS, type RlimitName, rlimitNumber } from '../rlimit.ts';
import type { Checker } from './checker.ts';
import { checkEnvironment } from './environment.ts';

/** Largest signal number of Linux (SIGRTMAX). */
const SIGNAL_MAX = 64;

/** Capabilities, limits and the other attributes of processes. */
export function checkProcess(config: Config, checker: Checker): void {
  checkCapabilities(config, checker);
  checkRlimits(config, checker);
  checker.range('parent_death_signal', 'signal', config.parentDeathSignal, 0, SIGNAL_MAX);
  checker.range('oom_score_adj', 'adjustment', config.oomScoreAdj, -1000, 1000);
  if (config.umask !== undefined && (config.umask < 0 || config.umask > 0o777)) {
    checker.add('umask', `umask ${config.umask} is out of range, expected 0 to ${0o777} (0o777)`);
  }
  config.additionalGroups?.forEach((group, index) => {
    if (group === '') checker.add(`additional_groups[${index}]`, 'the name of the group is empty');
  });
  checkEnvironment(config.process?.env, 'process.env', checker);
  if (config.process?.cwd) checker.absolute('process.cwd', 'the working directory', config.process.cwd);
}

function checkCapabilities({ capabilities }: Config, checker: Checker): void {
  const names = (list: readonly string[] | undefined, path: string): void =>
    list?.forEach((name, index) => {
      const known = normaliseCapability(name);
      if (isCapability(known)) return;
      checker.add(`${path}[${index}]`, `unknown capability ${JSON.stringify(name)}`, suggest(known, CAPABILITIES));
    });
  if (isCapabilityList(capabilities)) names(capabilities, 'capabilities');
  if (isCapabilityList(capabilities) || capabilities === undefined) return;
  for (const set of ['bounding', 'effective', 'permitted', 'inheritable', 'ambient'] as const) {
    names(capabilities[set], `capabilities.${set}`);
  }
  const { effective, permitted, inheritable, ambient } = capabilitySets(capabilities);
  const subset = (set: string, part: readonly string[], of: string, whole: readonly string[]): void => {
    const missing = part.filter((name) => !whole.includes(name));
    if (missing.length > 0) checker.add(`capabilities.${set}`, `not in the ${of} set: ${missing.join(', ')}`);
  };
  subset('effective', effective, 'permitted', permitted);
  subset('ambient', ambient, 'permitted', permitted);
  subset('ambient', ambient, 'inheritable', inheritable);
}

function checkRlimits({ rlimits }: Config, checker: Checker): void {
  const names = Object.keys(RLIMITS) as RlimitName[];
  const numbers: readonly number[] = Object.values(RLIMITS);
  const seen = new Set<number>();
  rlimits?.forEach(({ type, soft, hard }, index) => {
    const place = `rlimits[${index}]`;
    if (typeof type === 'string' && !checker.oneOf(`${place}.type`, 'resource limit', type, names)) return;
    const number = rlimitNumber(type);
    if (!numbers.includes(number)) checker.add(`${place}.type`, `unknown resource limit ${number}`);
    if (seen.has(number)) checker.add(`${place}.type`, `${type} occurs twice`);
    seen.add(number);
    for (const [key, value] of [
      ['soft', soft],
      ['hard', hard],
    ] as const) {
      if (value < 0 || value > RLIM_INFINITY) checker.add(`${place}.${key}`, `${value} is no unsigned 64-bit integer`);
    }
    if (soft > hard) checker.add(`${place}.soft`, `the soft limit ${soft} is above the hard limit ${hard}`);
  });
}
