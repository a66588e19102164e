/**
 * Linux capabilities: their names, the five sets of a thread, what the kernel allows between them, the sets of the
 * calling thread, and instructions that set them in a new process. See capabilities(7).
 *
 * @packageDocumentation
 */

export { type CheckOptions, capabilityProblems } from './check.ts';
export {
  checkCapabilities,
  compileAmbient,
  compileBounding,
  compileCapabilities,
  compileKeepCaps,
  compileSets,
} from './compile.ts';
export { CapabilityError, type CapabilityProblem, type CapabilityRule } from './error.ts';
export { lastCapability } from './last.ts';
export { allCapabilities, type CapabilityMask, capabilityMask, hasCapability, maskNames } from './mask.ts';
export { type CapabilityName, capabilityName, capabilityNames, capabilityNumber, isCapabilityName } from './names.ts';
export { parseCapability } from './parse.ts';
export {
  type CapabilitySetName,
  type CapabilitySets,
  type CapabilitySetsInput,
  capabilitySetNames,
  keepOnly,
  noCapabilities,
  parseCapabilitySets,
} from './sets.ts';
export { parseProcStatus } from './status.ts';
export { getThreadCapabilities, setThreadCapabilities } from './thread.ts';
