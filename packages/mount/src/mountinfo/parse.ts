import type { MountinfoEntry, Propagation } from './entry.ts';
import { MountinfoError } from './error.ts';
import { unescapeOctal } from './escape.ts';

/**
 * Parses the text of /proc/<pid>/mountinfo.
 *
 * The order of the result is the file's. It is no reliable tree order: kernels before 6.8 list mounts as they were
 * attached, newer ones by age, so that a mount that was moved may stand before its parent.
 *
 * @throws {MountinfoError} ERR_MOUNTINFO_FORMAT with the line number, for a line that the kernel would not write
 * @example
 * parseMountinfo('36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw,errors=continue\n')[0]?.mountPoint; // '/mnt2'
 */
export function parseMountinfo(text: string): readonly MountinfoEntry[] {
  const entries: MountinfoEntry[] = [];
  // Only a line feed ends a line and only a blank separates fields: the kernel escapes these two in names, but neither
  // a carriage return nor other white space.
  const lines = text.split('\n');
  for (const [index, line] of lines.entries()) {
    if (line === '') continue;
    entries.push(parseLine(line, index + 1));
  }
  return entries;
}

/*
 *  36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw,errors=continue
 *  (1)(2)(3)  (4)   (5)   (6)        (7)    (8) (9)  (10)      (11)
 */
const MANDATORY_BEFORE_TAGS = 6;

function parseLine(line: string, number: number): MountinfoEntry {
  const fields = line.split(' ');
  const separator = fields.indexOf('-', MANDATORY_BEFORE_TAGS);
  if (separator === -1) throw malformed(number, line, 'no field "-" after the optional fields');
  const [id = '', parentId = '', device = '', root = '', mountPoint = '', mountOptions = ''] = fields;
  // The source may be empty: mount(2) takes an empty string and the kernel prints two blanks. The last field may hold
  // blanks: cifs before Linux 3.10 and some out-of-tree file systems do not escape them.
  const [fsType, source, ...superOptions] = fields.slice(separator + 1);
  if (fsType === undefined || fsType === '' || source === undefined || superOptions.length === 0)
    throw malformed(number, line, 'fewer than three fields after "-"');
  if (root === '' || mountPoint === '' || mountOptions === '') throw malformed(number, line, 'an empty field');
  const [major = '', minor = '', ...rest] = device.split(':');
  if (rest.length > 0) throw malformed(number, line, `device number ${JSON.stringify(device)} is not major:minor`);
  const integer = (digits: string, what: string) => {
    const value = Number(digits);
    if (!/^\d+$/.test(digits) || !Number.isSafeInteger(value))
      throw malformed(number, line, `${what} ${JSON.stringify(digits)} is not a number`);
    return value;
  };

  return {
    id: integer(id, 'mount id'),
    parentId: integer(parentId, 'parent id'),
    major: integer(major, 'major'),
    minor: integer(minor, 'minor'),
    root: unescapeOctal(root),
    mountPoint: unescapeOctal(mountPoint),
    mountOptions: mountOptions.split(','),
    propagation: parseTags(fields.slice(MANDATORY_BEFORE_TAGS, separator), integer),
    fsType: unescapeOctal(fsType),
    source: unescapeOctal(source),
    superOptions: splitSuperOptions(superOptions.join(' ')),
  };
}

const GROUP_TAGS = { shared: 'shared', master: 'master', propagate_from: 'propagateFrom' } as const;

function parseTags(tags: readonly string[], integer: (digits: string, what: string) => number): Propagation {
  const groups: { shared?: number; master?: number; propagateFrom?: number } = {};
  let unbindable = false;
  const unknown: string[] = [];
  for (const tag of tags) {
    const [name = '', value] = tag.split(':', 2);
    if (tag === 'unbindable') unbindable = true;
    else if (value !== undefined && Object.hasOwn(GROUP_TAGS, name))
      groups[GROUP_TAGS[name as keyof typeof GROUP_TAGS]] = integer(value, `peer group of ${name}`);
    else unknown.push(tag);
  }
  return { ...groups, unbindable, unknown };
}

// SELinux puts a context in double quotes when it holds a comma, and escapes a quote inside. No other option is quoted:
// an overlay directory may well hold a lone double quote.
const SUPER_OPTION = /(?:(?:fs|def|root)?context="[^"]*"(?=,|$)|[^,]*)(?:,|$)/y;

function splitSuperOptions(text: string): readonly string[] {
  const options: string[] = [];
  for (let at = 0; at < text.length; at = SUPER_OPTION.lastIndex) {
    SUPER_OPTION.lastIndex = at;
    const option = SUPER_OPTION.exec(text)?.[0] ?? '';
    // Unescaped only after splitting, since the escape \054 is what protects a comma.
    options.push(unescapeOctal(option.replace(/,$/, '')));
  }
  return options;
}

function malformed(line: number, text: string, why: string): MountinfoError {
  return new MountinfoError('ERR_MOUNTINFO_FORMAT', `mountinfo line ${line}: ${why}: ${JSON.stringify(text)}`);
}
