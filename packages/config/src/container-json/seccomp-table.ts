import type { Codec } from '../codec/codec.ts';
import { list } from '../codec/collections.ts';
import { defaulted, type Fields, object, optional, required } from '../codec/object.ts';
import { choice, integer, integer64, string, text } from '../codec/scalars.ts';
import { UINT64_MAX } from '../integers.ts';
import { member } from '../json/node.ts';
import {
  isSeccompProfile,
  SECCOMP_PROFILES,
  type Seccomp,
  type SeccompArg,
  type SeccompSection,
  type SeccompSyscall,
} from '../seccomp.ts';
import {
  OCI_SECCOMP_ACTIONS,
  OCI_SECCOMP_OPERATORS,
  type OciSeccompArchitectures,
  type OciSeccompArg,
  type OciSeccompCondition,
  type OciSeccompRule,
  type SeccompProfile,
} from '../seccomp-profile.ts';
import { syscallValue } from './scalars.ts';

const unsigned64 = integer64({ min: 0, max: UINT64_MAX });
const argumentIndex = integer({ min: 0, max: 5 });

const argFields: Fields<SeccompArg> = {
  index: required(argumentIndex, 'Which argument, from 0.'),
  value: required(unsigned64, 'Value that the argument is compared with.'),
  op: defaulted(integer({ min: 0, max: 4 }), 0, '0 equal, 1 not equal, 2 greater, 3 less, 4 mask equal.'),
};

const syscallFields: Fields<SeccompSyscall> = {
  value: required(syscallValue, 'Number or name of the system call.'),
  action: required(integer({ min: -3, max: 4095 }), '-3 kill, -2 trap, -1 allow, otherwise the errno.'),
  args: optional(list(object('SeccompArg', argFields)), 'Conditions that must all hold.'),
};

const seccompFields: Fields<Seccomp> = {
  syscalls: defaulted(list(object('SeccompSyscall', syscallFields)), [], 'System calls that are not simply allowed.'),
};

const ociArgFields: Fields<OciSeccompArg> = {
  index: required(argumentIndex, 'Which argument, from 0.'),
  value: required(unsigned64, 'Value that the argument is compared with; the mask of SCMP_CMP_MASKED_EQ.'),
  valueTwo: optional(unsigned64, 'What the masked argument is compared with.', 'valueTwo'),
  op: required(choice(OCI_SECCOMP_OPERATORS), 'How it is compared.'),
};

const conditionFields: Fields<OciSeccompCondition> = {
  caps: optional(list(string), 'Capabilities of the configuration.'),
  arches: optional(list(string), "Architectures by Go's names."),
  minKernel: optional(text, 'The oldest kernel.', 'minKernel'),
};
const condition = object('OciSeccompCondition', conditionFields);

const errno = integer({ min: 0, max: 0xffff });

const ruleFields: Fields<OciSeccompRule> = {
  names: optional(list(string), 'Names of system calls.'),
  name: optional(text, 'Name of one system call.'),
  action: required(choice(OCI_SECCOMP_ACTIONS), 'What becomes of them.'),
  errnoRet: optional(errno, 'The errno of SCMP_ACT_ERRNO.', 'errnoRet'),
  args: optional(list(object('OciSeccompArg', ociArgFields)), 'Conditions that must all hold.'),
  comment: optional(string, 'For people.'),
  includes: optional(condition, 'When the rule counts.'),
  excludes: optional(condition, 'When the rule does not count.'),
};

const archMapFields: Fields<OciSeccompArchitectures> = {
  architecture: required(string, 'The native architecture.'),
  subArchitectures: optional(list(string), 'Architectures beside it.', 'subArchitectures'),
};

const profileFields: Fields<SeccompProfile> = {
  defaultAction: required(choice(OCI_SECCOMP_ACTIONS), 'For calls that no rule is for.', 'defaultAction'),
  defaultErrnoRet: optional(errno, 'The errno of the default action.', 'defaultErrnoRet'),
  architectures: optional(list(string), 'Architectures beside the native one.'),
  archMap: optional(
    list(object('OciSeccompArchitectures', archMapFields)),
    'Architectures beside each native one.',
    'archMap',
  ),
  flags: optional(list(string), 'Flags of seccomp(2).'),
  listenerPath: optional(text, 'Unix socket of an agent that answers SCMP_ACT_NOTIFY.', 'listenerPath'),
  listenerMetadata: optional(text, 'What the agent is told.', 'listenerMetadata'),
  syscalls: optional(list(object('OciSeccompRule', ruleFields)), 'Rules; their order has no meaning.'),
};

const legacy = object('Seccomp', seccompFields);
/** A profile alone, as its own file holds it. */
export const seccompProfile = object('SeccompProfile', profileFields);
const named = choice(SECCOMP_PROFILES);

/** `seccomp`: an object of the format of 2015, one of the runtime specification, or a name. */
export const seccomp: Codec<SeccompSection> = {
  decode(node, path, report) {
    if (node.kind === 'string') return named.decode(node, path, report);
    return (member(node, 'defaultAction') ? seccompProfile : legacy).decode(node, path, report);
  },
  encode(section) {
    if (typeof section === 'string') return named.encode(section);
    return isSeccompProfile(section) ? seccompProfile.encode(section) : legacy.encode(section);
  },
  schema: (builder) => ({ anyOf: [named, seccompProfile, legacy].map((codec) => codec.schema(builder)) }),
};
