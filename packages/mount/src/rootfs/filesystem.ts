import type { Buf, Cell, ConstantName, ProgramBuilder } from '@nsinit/syscall';
import { MountFlag } from '../options/flags.ts';
import { type MountParameter, mountParameters, toMountAttributes, toSuperblockFlags } from '../options/index.ts';
import type { MountEntry } from './types.ts';

/** A file system to be mounted. */
export interface Filesystem {
  /** `tmpfs`, `proc` … */
  readonly type: string;
  /** What mountinfo shows as source; empty: nothing. */
  readonly source: string;
  readonly parameters: readonly MountParameter[];
  /** MOUNT_ATTR_* of the mount. */
  readonly attributes: number;
}

/** The parts of a mount entry that fsopen(2) and its followers take. MS_RDONLY is of the mount, never of the file system. */
export function filesystemOf(entry: MountEntry, mountLabel?: string): Filesystem {
  const parameters = [
    ...toSuperblockFlags(entry.flags & ~MountFlag.MS_RDONLY).map((name) => ({ name })),
    ...mountParameters(entry.data ?? ''),
  ];
  const labelled = entry.device === 'tmpfs' || entry.device === 'devpts';
  if (labelled && mountLabel) parameters.push({ name: 'context', value: mountLabel });
  return {
    type: entry.device,
    source: entry.source,
    parameters,
    attributes: toMountAttributes(entry.flags).set,
  };
}

/** Room for what the kernel says about a refused option. */
export function kernelLog(b: ProgramBuilder): Buf {
  return b.zeros(256, 'log');
}

/**
 * Makes a detached mount of a new file system. When the kernel refuses it, its own sentence goes with the report.
 *
 * @returns a descriptor of the mount
 */
export function createMount(b: ProgramBuilder, filesystem: Filesystem, log: Buf): Cell<'fd'> {
  const refused = b.label('refused');
  const made = b.label('made');
  const on = { any: refused };
  const context = b.call('fsopen', { fsname: filesystem.type, flags: ['FSOPEN_CLOEXEC'] }, { as: filesystem.type });
  const set = (cmd: ConstantName<'fsconfig'>, key: string | null, value: string | null) =>
    b.call('fsconfig', { fd: context, cmd, key, value }, { on });
  if (filesystem.source !== '') set('FSCONFIG_SET_STRING', 'source', filesystem.source);
  for (const { name, value } of filesystem.parameters)
    if (value === undefined) set('FSCONFIG_SET_FLAG', name, null);
    else set('FSCONFIG_SET_STRING', name, value);
  set('FSCONFIG_CMD_CREATE', null, null);
  const mount = b.call(
    'fsmount',
    { fsfd: context, flags: ['FSMOUNT_CLOEXEC'], attr_flags: filesystem.attributes },
    { on, next: made, as: `${filesystem.type} mount` },
  );
  b.place(refused);
  // Nothing to read (ENODATA) is no reason to report anything else.
  b.call('read', { fd: context, buf: log }, { on: { any: 'ignore' } });
  b.fail({ detail: log });
  b.place(made);
  b.call('close', { fd: context });
  return mount;
}
