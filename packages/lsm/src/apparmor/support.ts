import { existsSync, readFileSync } from 'node:fs';

/** Where the kernel shows AppArmor; undefined parts are the kernel's own. */
export interface AppArmorFiles {
  /** Default `/sys/kernel/security/apparmor`. */
  readonly securityfs?: string;
  /** Default `/sys/module/apparmor/parameters/enabled`. */
  readonly enabled?: string;
  /** Default `/proc`. */
  readonly proc?: string;
  /** Environment of this process; default `process.env`. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** Whether profiles can be put on processes. */
export interface AppArmorSupport {
  readonly enabled: boolean;
  /** Why not; undefined when they can. */
  readonly reason?: string;
}

/** Asks whether AppArmor is in use, and this process no container of a manager that keeps it for itself. */
export function appArmorSupport(files: AppArmorFiles = {}): AppArmorSupport {
  const { securityfs = '/sys/kernel/security/apparmor', env = process.env } = files;
  const { enabled = '/sys/module/apparmor/parameters/enabled' } = files;
  const no = (reason: string): AppArmorSupport => ({ enabled: false, reason });
  if (!readText(enabled)?.startsWith('Y')) return no('the kernel does not use AppArmor');
  if (!existsSync(securityfs)) return no(`${securityfs} is not there: securityfs is not mounted`);
  if (env['container']) return no(`this is a container (container=${env['container']})`);
  return { enabled: true };
}

/** How a profile treats what it does not allow. */
export type ProfileMode = 'enforce' | 'complain' | 'kill' | 'unconfined' | 'prompt' | 'mixed';

/** A profile and its mode. */
export interface LoadedProfile {
  readonly name: string;
  readonly mode: ProfileMode;
}

/**
 * The profiles that are loaded, in the kernel's order; undefined when that cannot be read, as by an ordinary user.
 */
export function loadedProfiles(files: AppArmorFiles = {}): readonly LoadedProfile[] | undefined {
  const text = readText(`${files.securityfs ?? '/sys/kernel/security/apparmor'}/profiles`);
  return text?.split('\n').filter(Boolean).map(parseConfinement);
}

/**
 * The profile that confines a process; undefined where there is no AppArmor, or no such process. One that nothing confines
 * has the profile `unconfined`.
 */
export function profileOf(pid: number | 'self', files: AppArmorFiles = {}): LoadedProfile | undefined {
  const dir = `${files.proc ?? '/proc'}/${pid}/attr`;
  const text = readText(`${dir}/apparmor/current`) ?? readText(`${dir}/current`);
  return text === undefined || text === '' ? undefined : parseConfinement(text.replace(/[\0\n]+$/, ''));
}

/** Reads `name (mode)`; `unconfined` has no mode. */
export function parseConfinement(text: string): LoadedProfile {
  const [, name, mode] = /^(.*) \(([a-z]+)\)$/s.exec(text) ?? [];
  return name === undefined ? { name: text, mode: 'unconfined' } : { name, mode: mode as ProfileMode };
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    // Not there, or not for this user: callers tell what that means.
    return undefined;
  }
}
