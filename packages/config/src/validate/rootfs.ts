import type { Config } from '../config.ts';
import type { Checker } from './checker.ts';
import type { Host } from './host.ts';

/** The root file system is an absolute path without symbolic links, and a directory. */
export function checkRootfs({ rootfs }: Config, host: Host | undefined, checker: Checker): void {
  const unsuitable = `${rootfs} is not an absolute path or is a symlink`;
  if (!rootfs.startsWith('/')) checker.add('rootfs', unsuitable);
  if (!rootfs.startsWith('/') || host === undefined) return;
  try {
    const { isDirectory } = host.lstat(rootfs);
    const clean = rootfs === '/' ? rootfs : rootfs.replace(/\/+$/, '');
    if (host.realpath(rootfs) !== clean) checker.add('rootfs', unsuitable);
    else if (!isDirectory) checker.add('rootfs', `${rootfs} is not a directory`);
  } catch (error) {
    checker.add('rootfs', `lstat ${rootfs}: ${errorText(error)}`);
  }
}

const TEXTS: Readonly<Record<string, string>> = {
  ENOENT: 'no such file or directory',
  ENOTDIR: 'not a directory',
  EACCES: 'permission denied',
  ELOOP: 'too many levels of symbolic links',
};

function errorText(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  return TEXTS[code] ?? error.message;
}
