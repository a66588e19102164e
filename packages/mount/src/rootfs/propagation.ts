import type { Cell, ConstantName, ProgramBuilder } from '@nsinit/syscall';
import { MountError } from '../error.ts';
import { MountFlag, PROPAGATION_FLAGS } from '../options/flags.ts';

const types: readonly (readonly [number, ConstantName<'mount'>])[] = [
  [MountFlag.MS_UNBINDABLE, 'MS_UNBINDABLE'],
  [MountFlag.MS_PRIVATE, 'MS_PRIVATE'],
  [MountFlag.MS_SLAVE, 'MS_SLAVE'],
  [MountFlag.MS_SHARED, 'MS_SHARED'],
];

/** The propagation type that the flags ask for; undefined: none. */
export function propagationOf(flags: number, field?: string): ConstantName<'mount'> | undefined {
  if ((flags & PROPAGATION_FLAGS) === 0) return undefined;
  const found = types.filter(([flag]) => flags & flag).map(([, name]) => name);
  if (found.length > 1)
    throw new MountError('ERR_MOUNT_CONFIG', `flags ask for ${found.join(' and ')}; a mount has one of them`, field);
  return found[0];
}

/** What {@link setAttributes} changes. */
export interface AttributeOptions {
  /** MOUNT_ATTR_* to turn on. */
  readonly set?: number;
  /** MOUNT_ATTR_* to turn off. */
  readonly clear?: number;
  readonly propagation?: ConstantName<'mount'> | undefined;
  /** Submounts too. */
  readonly recursive?: boolean;
}

/** Changes a mount by its descriptor; nothing is written when nothing is asked for. */
export function setAttributes(b: ProgramBuilder, mount: Cell<'fd'>, options: AttributeOptions): void {
  const { set = 0, clear = 0, propagation, recursive = false } = options;
  if (set === 0 && clear === 0 && propagation === undefined) return;
  b.call('mount_setattr', {
    dirfd: mount,
    path: '',
    flags: recursive ? ['AT_EMPTY_PATH', 'AT_RECURSIVE'] : ['AT_EMPTY_PATH'],
    attr: { attr_set: set, attr_clr: clear, propagation: propagation === undefined ? 0 : [propagation] },
  });
}
