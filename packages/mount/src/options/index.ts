export { type AttributeChange, toMountAttributes } from './attributes.ts';
export { type MountParameter, mountParameters, splitMountOptions } from './data.ts';
export { MountOptionError } from './error.ts';
export {
  formatMountAttributes,
  formatMountFlags,
  MountAttribute,
  type MountAttributeName,
  MountFlag,
  type MountFlagName,
  OPERATION_FLAGS,
  PER_MOUNT_FLAGS,
  PROPAGATION_FLAGS,
  SUPERBLOCK_FLAGS,
} from './flags.ts';
export { mountOptionNames } from './format.ts';
export { isFlagOption, isPropagationOption, type MountOptions, parseMountOptions } from './parse.ts';
export { toSuperblockFlags } from './superblock.ts';
export {
  FLAG_OPTIONS,
  type FlagOption,
  type OptionRule,
  PROPAGATION_OPTIONS,
  type PropagationOption,
  RECURSIVE_OPTIONS,
} from './table.ts';
