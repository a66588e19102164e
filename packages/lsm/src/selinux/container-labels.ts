import { join } from 'node:path';
import { LsmError } from '../error.ts';
import { formatContext, parseContext, type SelinuxContext } from './context.ts';
import { configured, readText, type SelinuxFiles, settingsOf } from './files.ts';
import { releaseLevel, reserveLevel, reserveUniqueLevel } from './levels.ts';
import { checkLabel, selinuxSupport } from './support.ts';

/** The labels of a container. */
export interface ContainerLabels {
  /** Of its processes; empty: none. */
  readonly process: string;
  /** Of its mounts and files; empty: none. */
  readonly mount: string;
  /** The level that was reserved for it, to be released when it is gone; undefined: none. */
  readonly reserved?: string;
}

/** What of the labels is asked for; the rest is the policy's. */
export type LabelRequest = 'disable' | Partial<SelinuxContext>;

/**
 * Reads options as they stand on a command line: `disable`, or `user:U`, `role:R`, `type:T` and `level:L`, each with or without
 * `label:` before it.
 *
 * @throws {LsmError} for another option.
 */
export function parseLabelOptions(options: readonly string[]): LabelRequest {
  const request: Record<string, string> = {};
  for (const option of options.map((one) => one.replace(/^label:/, ''))) {
    if (option === 'disable') return 'disable';
    const [, name, value] = /^(user|role|type|level):(.+)$/.exec(option) ?? [];
    if (name === undefined || value === undefined)
      throw new LsmError(`Bad SELinux Option ${JSON.stringify(option)}`, {
        subject: option,
        hint: 'use disable, or one of user:, role:, type: and level:',
      });
    request[name] = value;
  }
  return request;
}

/**
 * Chooses the labels of a new container: those of the policy's `lxc_contexts`, with a level that no other container on this machine
 * has, reserved in the name of `owner`. A level that is asked for is not reserved: it may be shared.
 *
 * Both labels are empty where SELinux is not in use, where the policy has none for containers, and with `disable`.
 *
 * @throws {LsmError} when a level cannot be reserved, or the result is no label.
 */
export function containerLabels(request: LabelRequest = {}, owner = '', files: SelinuxFiles = {}): ContainerLabels {
  const none = { process: '', mount: '' };
  if (request === 'disable' || !selinuxSupport(files).enabled) return none;
  const policy = configured(files, 'SELINUXTYPE') ?? '';
  const text = readText(join(files.etc ?? '/etc/selinux', policy, 'contexts/lxc_contexts'));
  const { process, file } = settingsOf(text ?? '');
  if (!process || !file) return none;
  const level = request.level ?? reserveUniqueLevel(owner, files);
  const { user } = request;
  return {
    process: formatContext({ ...parseContext(process), ...request, level }),
    // Files have a role and a type of their own.
    mount: formatContext({ ...parseContext(file), ...(user === undefined ? {} : { user }), level }),
    ...(request.level === undefined ? { reserved: level } : {}),
  };
}

/**
 * Gives a label the level of another, and moves the reservation with it.
 *
 * @throws {LsmError} when the policy has not one of the labels.
 */
export function copyLevel(from: string, to: string, files: SelinuxFiles = {}): string {
  if (from === '') return '';
  checkLabel(from, files);
  checkLabel(to, files);
  const { level } = parseContext(from);
  const target = parseContext(to);
  if (level === undefined) return to;
  if (target.level !== undefined) releaseLevel(target.level, files);
  reserveLevel(level, '', files);
  return formatContext({ ...target, level });
}
