import type { Arch } from '@nsinit/syscall';
import { type Architecture, familyOf } from '../architecture.ts';
import { type Action, type ActionKind, errnoAction, MAX_ERRNO } from '../model/action.ts';
import { checkName } from '../model/canonical.ts';
import { UINT64_MAX } from '../model/condition.ts';
import type { Condition, Filter, FilterFlag, Rule } from '../model/filter.ts';
import { goArchitectures, ociActions, ociArchitectures, ociFlags, ociOperators } from './oci-names.ts';
import { Reader } from './reader.ts';

/** What a profile with conditions is read for. */
export interface ProfileContext {
  readonly machine: Arch;
  /** Capabilities of the process, as `CAP_SYS_ADMIN`: those of its bounding set. undefined: none. */
  readonly capabilities?: readonly string[];
  /** The running kernel, `6.1` or `6.1.0-9-amd64`; undefined: newer than any that a profile names. */
  readonly kernel?: string;
}

/** What a profile says beside the filter. */
export interface OciSeccomp {
  readonly filter: Filter;
  /** Path of the Unix socket of an agent for NOTIFY; undefined: none. */
  readonly listenerPath: string | undefined;
  /** What the agent is told. */
  readonly listenerMetadata: string | undefined;
}

/**
 * Reads `linux.seccomp` of a runtime-spec configuration, or a profile of Docker, which adds names of its own: `archMap`,
 * and `includes` and `excludes` of rules. Calls that are newer than any that the profile names get ENOSYS and not the
 * default action.
 *
 * @throws {SeccompError} with the place in the object.
 */
export function parseOciSeccomp(value: unknown, context: ProfileContext): OciSeccomp {
  const profile = new Reader(value).only([
    ...['defaultAction', 'defaultErrnoRet', 'architectures', 'archMap', 'flags', 'syscalls'],
    ...['listenerPath', 'listenerMetadata'],
  ]);
  const text = (name: string) => (profile.field(name).isSet ? profile.field(name).text() : undefined);
  return {
    filter: {
      defaultAction: readAction(profile.field('defaultAction'), profile.field('defaultErrnoRet')),
      rules: profile
        .field('syscalls')
        .list()
        .flatMap((entry) => readRule(entry, context)),
      architectures: readArchitectures(profile, context),
      flags: profile
        .field('flags')
        .list()
        .map((flag): FilterFlag => flag.choice(ociFlags, 'flag')),
      newest: 'named',
    },
    listenerPath: text('listenerPath'),
    listenerMetadata: text('listenerMetadata'),
  };
}

function readAction(action: Reader, value: Reader): Action {
  if (!action.isSet) action.fail('there is no action');
  const kind: ActionKind = action.choice(ociActions, 'action');
  if (kind === 'ERRNO') return errnoAction(value.isSet ? value.small(0, MAX_ERRNO) : 1);
  if (kind === 'TRACE') return { kind, message: value.isSet ? value.small(0, 0xffff) : 1 };
  if (value.isSet) value.fail(`an errno is given, but the action is ${kind}`, 'leave it out, or use SCMP_ACT_ERRNO');
  return { kind };
}

function readArchitectures(profile: Reader, { machine }: ProfileContext): readonly Architecture[] {
  const architectures = new Set<Architecture>();
  const add = (name: Reader) => {
    const architecture = name.choice(ociArchitectures, 'architecture');
    if (architecture) architectures.add(architecture);
    return architecture;
  };
  profile.field('architectures').list().forEach(add);
  for (const entry of profile.field('archMap').list()) {
    entry.only(['architecture', 'subArchitectures']);
    const own = entry.field('architecture').choice(ociArchitectures, 'architecture') === familyOf(machine)[0];
    for (const name of entry.field('subArchitectures').list()) {
      name.choice(ociArchitectures, 'architecture');
      if (own) add(name);
    }
  }
  return [...architectures];
}

function readRule(entry: Reader, context: ProfileContext): readonly Rule[] {
  entry.only(['names', 'name', 'action', 'errnoRet', 'args', 'comment', 'includes', 'excludes']);
  const names = entry.field('name').isSet
    ? [entry.field('name'), ...entry.field('names').list()]
    : entry.field('names').list();
  if (names.length === 0) entry.field('names').fail('the rule names no system call');
  const action = readAction(entry.field('action'), entry.field('errnoRet'));
  const when = readGroups(entry.field('args').list());
  const syscalls = names.map((name) => {
    checkName(name.text(), name.path);
    return name.text();
  });
  const included = isMet(entry.field('includes'), context, 'every');
  const excluded = isMet(entry.field('excludes'), context, 'some');
  if (included === false || excluded === true) return [];
  return [{ syscalls, action, field: entry.path, ...(when.length > 0 ? { when } : {}) }];
}

/**
 * Conditions of one rule must all hold; but where one argument has several, each condition is a rule of its own, as
 * libseccomp cannot have it otherwise and all runtimes read profiles so.
 */
function readGroups(args: readonly Reader[]): readonly (readonly Condition[])[] {
  const conditions = args.map(readCondition);
  const indices = new Set(conditions.map(({ index }) => index));
  if (conditions.length === 0) return [];
  return indices.size < conditions.length ? conditions.map((condition) => [condition]) : [conditions];
}

function readCondition(arg: Reader): Condition {
  arg.only(['index', 'value', 'valueTwo', 'op']);
  const index = arg.field('index').small(0, 5);
  const value = arg.field('value').integer(0n, UINT64_MAX);
  const two = arg.field('valueTwo').isSet ? arg.field('valueTwo').integer(0n, UINT64_MAX) : 0n;
  const op = arg.field('op').choice(ociOperators, 'operator');
  return op === 'MASKED_EQ' ? { index, op, mask: value, value: two } : { index, op, value };
}

/** Whether `includes` (every part) or `excludes` (some part) applies; undefined: it says nothing. */
function isMet(condition: Reader, context: ProfileContext, how: 'every' | 'some'): boolean | undefined {
  if (!condition.isSet) return undefined;
  condition.only(['caps', 'arches', 'minKernel']);
  const parts: boolean[] = [];
  const caps = condition.field('caps').texts();
  if (caps.length > 0) parts.push(...caps.map((name) => context.capabilities?.includes(name) ?? false));
  const arches = condition.field('arches').texts();
  if (arches.length > 0) parts.push(arches.some((name) => goArchitectures[name] === familyOf(context.machine)[0]));
  const minKernel = condition.field('minKernel');
  if (minKernel.isSet) parts.push(isKernelAtLeast(context.kernel, minKernel));
  if (parts.length === 0) return undefined;
  return how === 'every' ? parts.every(Boolean) : parts.some(Boolean);
}

function isKernelAtLeast(kernel: string | undefined, wanted: Reader): boolean {
  const least = versionOf(wanted.text()) ?? wanted.fail(`${wanted.text()} is not a version like 4.8`);
  if (kernel === undefined) return true;
  return (versionOf(kernel) ?? wanted.fail(`the running kernel's version is ${kernel}`)) >= least;
}

/** Versions as numbers that compare as they do. */
function versionOf(text: string): number | undefined {
  const [, major, minor] = /^(\d+)\.(\d+)/.exec(text) ?? [];
  return major === undefined ? undefined : Number(major) * 100_000 + Number(minor);
}
