import { MountOptionError } from './error.ts';
import { formatMountFlags, MountFlag } from './flags.ts';
import { FLAG_OPTIONS, type OptionRule, PROPAGATION_OPTIONS } from './table.ts';

// Each flag has one option that turns it on alone; MS_REC goes with others and is treated apart.
const SINGLE: ReadonlyMap<number, string> = new Map(
  Object.entries<OptionRule>(FLAG_OPTIONS)
    .filter(([, rule]) => rule.set !== 0 && (rule.set & MountFlag.MS_REC) === 0)
    .map(([name, rule]) => [rule.set, name]),
);

/**
 * Names the options that a flag word of mount(2) stands for: 15 is `['ro', 'nosuid', 'nodev', 'noexec']`. MS_REC shows in
 * `rbind` and in the recursive propagation names.
 *
 * @param flags MS_* flags, propagation included
 * @throws {MountOptionError} for flags that no option stands for: MS_MOVE, MS_REC without anything to recurse,
 *   kernel internal flags, unknown bits, or a number that is no flag word (0 to 2^32-1)
 */
export function mountOptionNames(flags: number): readonly string[] {
  if (!Number.isInteger(flags) || flags < 0 || flags >= 2 ** 32)
    throw new MountOptionError(`mount flags ${flags} are no integer from 0 to 4294967295`);
  const names: string[] = [];
  const recursive = (flags & MountFlag.MS_REC) !== 0;
  let rest = flags >>> 0;
  let recursed = false;
  for (const [flag, name] of SINGLE) {
    if ((rest & flag) === 0) continue;
    rest &= ~flag;
    const bind = recursive && flag === MountFlag.MS_BIND;
    recursed ||= bind;
    names.push(bind ? 'rbind' : name);
  }
  for (const [name, flag] of Object.entries(PROPAGATION_OPTIONS)) {
    if ((flag & MountFlag.MS_REC) !== 0 || (rest & flag) === 0) continue;
    rest &= ~flag;
    recursed ||= recursive;
    names.push(recursive ? `r${name}` : name);
  }
  if (recursed) rest &= ~MountFlag.MS_REC;
  if (rest !== 0) throw new MountOptionError(`no mount option stands for ${formatMountFlags(rest)}`);
  return names;
}
