/** A release of criu. */
export interface CriuVersion {
  readonly major: number;
  readonly minor: number;
  /** 0 for a release such as 4.1. */
  readonly sublevel: number;
  /** A build between releases: the commit, as git-describe(1) writes it. */
  readonly gitId?: string | undefined;
}

/** The oldest criu whose service has every request that this package sends: from 2022. */
export const minimumVersion: CriuVersion = { major: 3, minor: 17, sublevel: 0 };

/**
 * Reads what `criu --version` prints: `Version: 3.17.1`, a bare `4.1`, each with or without a line `GitID: …`.
 *
 * @throws {SyntaxError} for another text.
 */
export function parseVersion(text: string): CriuVersion {
  const found = /^\s*(?:Version:\s*)?(\d+)\.(\d+)(?:\.(\d+))?(?:[-.+~]\S*)?\s*$/m.exec(text);
  if (!found) throw new SyntaxError(`${JSON.stringify(text.trim().slice(0, 200))} is not a version of criu`);
  const gitId = /^\s*GitID:\s*(\S+)/m.exec(text)?.[1];
  const [, major, minor, sublevel = '0'] = found;
  const version = { major: Number(major), minor: Number(minor), sublevel: Number(sublevel) };
  return gitId === undefined || gitId === '0' ? version : { ...version, gitId };
}

/** As it is written: `4.1`, `3.17.1`. */
export function formatVersion({ major, minor, sublevel }: CriuVersion): string {
  return `${major}.${minor}${sublevel === 0 ? '' : `.${sublevel}`}`;
}

/** Negative when the first is older, positive when it is newer, 0 for the same release. */
export function compareVersions(a: CriuVersion, b: CriuVersion): number {
  return a.major - b.major || a.minor - b.minor || a.sublevel - b.sublevel;
}
