import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Where the kernel and the administrator show SELinux; undefined parts are this machine's own. */
export interface SelinuxFiles {
  /** Default `/proc`. */
  readonly proc?: string;
  /** Default: where `selinuxfs` is mounted, by mountinfo. */
  readonly selinuxfs?: string;
  /** Default `/etc/selinux`. */
  readonly etc?: string;
  /** Extended attribute that holds labels of files; default `security.selinux`. */
  readonly attribute?: string;
  /** Directory of reserved levels; default `/run/nsinit/selinux-levels`. */
  readonly reservations?: string;
}

/** Directory of procfs. */
export const procDir = ({ proc = '/proc' }: SelinuxFiles): string => proc;

/** Extended attribute of files' labels. */
export const labelAttribute = ({ attribute = 'security.selinux' }: SelinuxFiles): string => attribute;

/** Directory of reserved levels. */
export const reservationDir = ({ reservations = '/run/nsinit/selinux-levels' }: SelinuxFiles): string => reservations;

/** A mount of selinuxfs. */
interface SelinuxMount {
  readonly path: string;
  readonly readonly: boolean;
}

/** Where selinuxfs is mounted; undefined: nowhere. proc_pid_mountinfo(5) */
export function selinuxMount(files: SelinuxFiles): SelinuxMount | undefined {
  const text = readText(join(procDir(files), 'self/mountinfo')) ?? '';
  for (const line of text.split('\n')) {
    const [before = '', after = ''] = line.split(' - ');
    if (!after.startsWith('selinuxfs ')) continue;
    const [, , , , mountPoint = '', options = ''] = before.split(' ');
    const readonly = [options, after.split(' ')[2] ?? ''].some((list) => list.split(',').includes('ro'));
    return { path: files.selinuxfs ?? mountPoint, readonly };
  }
  return undefined;
}

/** A setting of /etc/selinux/config; undefined when it is not there. */
export function configured(files: SelinuxFiles, name: 'SELINUX' | 'SELINUXTYPE'): string | undefined {
  return settingsOf(readText(join(files.etc ?? '/etc/selinux', 'config')) ?? '')[name];
}

/** Lines of the form `name = "value"`; `#` and `;` begin comments. */
export function settingsOf(text: string): Readonly<Record<string, string>> {
  const settings: Record<string, string> = {};
  for (const line of text.split('\n').map((one) => one.trim())) {
    if (/^[#;]/.test(line)) continue;
    const [, name, value] = /^([^=]+?)\s*=\s*(.*)$/.exec(line) ?? [];
    if (name !== undefined && value !== undefined && !(name in settings))
      settings[name] = value.replace(/^"+|"+$/g, '');
  }
  return settings;
}

/** The text of a file; undefined when it is not there, or not for this user. */
export function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
