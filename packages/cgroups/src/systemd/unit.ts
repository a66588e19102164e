import { CgroupError } from '../error.ts';
import type { GroupName } from '../layout/path.ts';

/** The name of a group's unit: `parent-name.scope`, with everything escaped that systemd does not take. */
export function scopeName({ parent, name }: GroupName): string {
  if (!name) throw new CgroupError('ERR_CGROUP_INVALID', 'a scope needs a name', { field: 'name' });
  const prefix = parent ? `${escapeUnit(parent)}-` : '';
  const unit = `${prefix}${escapeUnit(name)}.scope`;
  if (unit.length > 255)
    throw new CgroupError('ERR_CGROUP_INVALID', `${unit} is longer than 255 characters`, { field: 'name' });
  return unit;
}

/** systemd.unit(5): other characters become `\xNN`, a slash a dash, a dot at the begin too. */
function escapeUnit(text: string): string {
  return [...Buffer.from(text.replace(/^\/+|\/+$/g, ''))]
    .map((byte, index) => {
      const letter = String.fromCharCode(byte);
      if (letter === '/') return '-';
      if (/[a-zA-Z0-9:_-]/.test(letter) || (letter === '.' && index > 0)) return letter;
      return `\\x${byte.toString(16).padStart(2, '0')}`;
    })
    .join('');
}

/**
 * The slice that a scope is put into: `-` and nothing at all are the root slice `-.slice`.
 *
 * @throws {CgroupError} ERR_CGROUP_INVALID for a name that is none.
 */
export function sliceName(slice: string | undefined, fallback: string): string {
  const name = slice || fallback;
  if (name === '-' || name === '-.slice') return '-.slice';
  const stem = name.endsWith('.slice') ? name.slice(0, -6) : '';
  const bad = stem === '' || stem.includes('/') || stem.startsWith('-') || stem.endsWith('-') || stem.includes('--');
  if (bad)
    throw new CgroupError('ERR_CGROUP_INVALID', `${JSON.stringify(name)} is no slice`, {
      field: 'slice',
      hint: 'for example machine.slice, or machine-web.slice for one inside it',
    });
  return name;
}
