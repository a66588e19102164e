/**
 * Seccomp for Node.js: filters of system calls as data, compiled to classic BPF, with a simulator that explains them.
 *
 * @packageDocumentation
 */

export { ARCHITECTURES, type Architecture, AUDIT_ARCH } from './architecture.ts';
export { disassemble } from './bpf/disassemble.ts';
export { type BpfInstruction, decodeBpf, encodeBpf, MAX_INSTRUCTIONS } from './bpf/instruction.ts';
export { checkProgram, type SeccompData, type Simulation, simulate } from './bpf/simulate.ts';
export { type CompileOptions, compileFilter } from './compile/compile.ts';
export { SeccompError } from './errors.ts';
export { type Cause, type ExplainOptions, type Explanation, explain, possibleActions } from './explain.ts';
export { compileSeccomp, type InstallOptions, LISTENER_MESSAGE_MAGIC } from './install.ts';
export {
  type Action,
  type ActionKind,
  decodeAction,
  encodeAction,
  errnoAction,
  formatAction,
  MAX_ERRNO,
} from './model/action.ts';
export {
  type Condition,
  FILTER_FLAGS,
  type Filter,
  type FilterFlag,
  OPERATORS,
  type Operator,
  type Rule,
} from './model/filter.ts';
export { Listener } from './notify/listener.ts';
export { notifies } from './notify/notifies.ts';
export { listenerSocket, receiveListener } from './notify/receive.ts';
export { type AddFdOptions, NotifyRequest } from './notify/request.ts';
export { parseSeccompJson } from './parse/json.ts';
export { type LegacySeccomp, parseLegacySeccomp } from './parse/legacy.ts';
export { type OciSeccomp, type ProfileContext, parseOciSeccomp } from './parse/oci.ts';
export { type DefaultProfileOptions, defaultProfile } from './profiles/default.ts';
export { LEVELS } from './profiles/levels.ts';
export { summarize } from './summary.ts';
export { syscallName, syscallNumber, syscallsOf } from './syscalls/lookup.ts';
