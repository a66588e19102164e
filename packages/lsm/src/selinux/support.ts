import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { LsmError } from '../error.ts';
import { parseContext } from './context.ts';
import { LABEL_TARGETS, type LabelTarget } from './exec.ts';
import { configured, procDir, readText, type SelinuxFiles, selinuxMount } from './files.ts';

/** Whether labels can be put on processes. */
export interface SelinuxSupport {
  readonly enabled: boolean;
  /** Why not; undefined when they can. */
  readonly reason?: string;
}

/** Asks whether SELinux is in use: it has a writable selinuxfs, and a policy. selinux(8) */
export function selinuxSupport(files: SelinuxFiles = {}): SelinuxSupport {
  const mount = selinuxMount(files);
  if (!mount) return { enabled: false, reason: 'the kernel does not use SELinux: no selinuxfs is mounted' };
  if (mount.readonly) return { enabled: false, reason: `${mount.path} is read-only: this is a container, or its like` };
  if (processLabel('self', files) === 'kernel') return { enabled: false, reason: 'SELinux has no policy' };
  return { enabled: true };
}

/** What becomes of an access that the policy does not allow. */
export type SelinuxMode = 'enforcing' | 'permissive' | 'disabled';

/** What the kernel does now. */
export function selinuxMode(files: SelinuxFiles = {}): SelinuxMode {
  const mount = selinuxMount(files);
  const text = mount && readText(join(mount.path, 'enforce'))?.trim();
  return text === '1' ? 'enforcing' : text === '0' ? 'permissive' : 'disabled';
}

/** What the machine shall do from its next boot on. selinux_config(5) */
export function configuredSelinuxMode(files: SelinuxFiles = {}): SelinuxMode {
  const mode = configured(files, 'SELINUX');
  return mode === 'enforcing' || mode === 'permissive' ? mode : 'disabled';
}

/**
 * Asks the policy whether it has a label.
 *
 * @throws {LsmError} when it has not, or cannot be asked.
 */
export function checkLabel(label: string, files: SelinuxFiles = {}): void {
  parseContext(label);
  const mount = selinuxMount(files);
  if (!mount) throw new LsmError('there is no policy to ask: no selinuxfs is mounted', { subject: label });
  write(join(mount.path, 'context'), label, `the SELinux policy of this machine has no label ${label}`);
}

/** The label of a process; undefined when it cannot be read. */
export function processLabel(pid: number | 'self', files: SelinuxFiles = {}): string | undefined {
  const path = pid === 'self' ? 'thread-self' : String(pid);
  return labelIn(join(procDir(files), path, 'attr/current'));
}

/** The label that the next program, or new files, keys or sockets of this thread get; undefined: what the policy says. */
export function threadLabel(target: LabelTarget, files: SelinuxFiles = {}): string | undefined {
  return labelIn(join(procDir(files), 'thread-self', LABEL_TARGETS[target].file));
}

/**
 * Says which label the next program, or new files, keys or sockets of this thread get; undefined: what the policy says.
 * It holds for the calling thread alone: libuv's threads make the files of asynchronous calls.
 *
 * @throws {LsmError} when the policy has not this label, or does not allow it.
 */
export function setThreadLabel(target: LabelTarget, label: string | undefined, files: SelinuxFiles = {}): void {
  if (label !== undefined) parseContext(label);
  const path = join(procDir(files), 'thread-self', LABEL_TARGETS[target].file);
  write(path, label ?? '', `${LABEL_TARGETS[target].what} the SELinux label ${label ?? 'of the policy'}`);
}

function labelIn(path: string): string | undefined {
  return readText(path)?.replace(/[\0\n]+$/, '') || undefined;
}

function write(path: string, text: string, what: string): void {
  try {
    writeFileSync(path, text);
  } catch (cause) {
    throw new LsmError(`${what}: ${(cause as Error).message}`, { subject: path, cause });
  }
}
