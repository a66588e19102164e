import { readdirSync } from 'node:fs';
import { isSystemError, readText } from './host.ts';

/** A format of programs that the host runs by an interpreter. Documentation/admin-guide/binfmt-misc.rst */
export interface BinaryFormat {
  /** Its name below /proc/sys/fs/binfmt_misc: `qemu-aarch64`. */
  readonly name: string;
  readonly interpreter: string;
  /** The letters of its flags; with `F` the interpreter was opened when it was registered, and is not looked for again. */
  readonly flags: string;
  /** Whether a file with this beginning is of the format. */
  readonly matches: (head: Uint8Array) => boolean;
}

/** The formats that the host has registered and enabled; none where binfmt_misc is not mounted. */
export function registeredFormats(directory = '/proc/sys/fs/binfmt_misc'): readonly BinaryFormat[] {
  let names: readonly string[];
  try {
    names = readdirSync(directory);
  } catch (error) {
    if (isSystemError(error)) return [];
    throw error;
  }
  return names.flatMap((name) => {
    const format =
      name === 'register' || name === 'status' ? undefined : parseFormat(name, readText(`${directory}/${name}`) ?? '');
    return format ? [format] : [];
  });
}

/** Reads one entry; undefined for one that is disabled or goes by the file's name. */
export function parseFormat(name: string, text: string): BinaryFormat | undefined {
  const value = (key: string) => new RegExp(`^${key} (.*)$`, 'm').exec(text)?.[1];
  const interpreter = value('interpreter');
  const magic = value('magic');
  if (!text.startsWith('enabled') || interpreter === undefined || magic === undefined) return undefined;
  const wanted = Buffer.from(magic, 'hex');
  const mask = Buffer.from(value('mask') ?? '', 'hex');
  const offset = Number(value('offset') ?? 0);
  return {
    name,
    interpreter,
    flags: /^flags: *(\S*)$/m.exec(text)?.[1] ?? '',
    matches: (head) =>
      wanted.every((byte, index) => (((head[offset + index] ?? ~byte) ^ byte) & (mask[index] ?? 0xff)) === 0),
  };
}
