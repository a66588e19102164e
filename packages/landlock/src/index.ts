/**
 * Landlock for Node.js: processes that give up rights on files, TCP ports and other processes, for good and without root.
 *
 * @packageDocumentation
 */

export { landlockSupport, type Support, supportOf } from './abi.ts';
export { compileLandlock, compileRestrict, compileRuleset, type RulesetOptions } from './compile.ts';
export { LandlockError } from './error.ts';
export { describeUnenforced, type NegotiateOptions, negotiate, type Policy, type Unenforced } from './negotiate.ts';
export { restrictSelf } from './restrict-self.ts';
export {
  ABI_KERNELS,
  FILE_RIGHT_GROUPS,
  FILE_RIGHTS,
  type FileRight,
  type FileRightGroup,
  LOG_FLAGS,
  type LogFlag,
  NEWEST_ABI,
  PORT_RIGHTS,
  type PortRight,
  SCOPES,
  type Scope,
} from './rights.ts';
export type { PathRule, PortRule, Ruleset } from './ruleset.ts';
