import { LsmError } from '../error.ts';

/** The parts of a label: `system_u:system_r:container_t:s0:c1,c2`. selinux(8) */
export interface SelinuxContext {
  readonly user: string;
  readonly role: string;
  readonly type: string;
  /** Sensitivity and categories; undefined where the policy has none. */
  readonly level?: string;
}

/**
 * Takes a label apart.
 *
 * @throws {LsmError} for a text that is no label.
 */
export function parseContext(label: string): SelinuxContext {
  const [user, role, type, ...level] = label.split(':');
  if (!user || !role || !type || (level.length > 0 && !level[0]) || /[\s\0]/.test(label))
    throw new LsmError(`${JSON.stringify(label)} is not an SELinux label`, {
      subject: label,
      hint: 'write user:role:type:level',
    });
  return { user, role, type, ...(level.length > 0 ? { level: level.join(':') } : {}) };
}

/** Puts a label together. */
export function formatContext({ user, role, type, level }: SelinuxContext): string {
  return [user, role, type, ...(level === undefined ? [] : [level])].join(':');
}

/** Data of mount(2) with the label for all files of the mount; without a label it stays what it is. */
export function formatMountLabel(data: string, label: string): string {
  if (label === '') return data;
  return `${data === '' ? '' : `${data},`}context="${label}"`;
}

/** The options by which another container gets the same label; none for a text that is no whole label. */
export function duplicateOptions(label: string): readonly string[] {
  const [user, role, type, ...level] = label.split(':');
  const parts = { user, role, type, level: level.join(':') };
  if (Object.values(parts).some((part) => !part)) return [];
  return Object.entries(parts).map(([name, part]) => `label:${name}:${part}`);
}

/** The options by which a container gets no label. */
export function disableOptions(): readonly string[] {
  return ['label:disable'];
}
