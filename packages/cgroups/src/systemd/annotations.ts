import { CgroupError } from '../error.ts';
import { BusVariant } from './bus.ts';
import type { UnitProperty } from './client.ts';

const prefix = 'org.systemd.property.';

/**
 * Properties of a unit from annotations: `org.systemd.property.TimeoutStopUSec: uint64 123456789`, values in the text
 * form of GVariant. A name that ends in `Sec` is given in seconds and becomes the one in microseconds that systemd has.
 *
 * @throws {CgroupError} ERR_CGROUP_INVALID for a name or a value that is none.
 */
export function annotationProperties(annotations: Readonly<Record<string, string>>): readonly UnitProperty[] {
  return Object.entries(annotations)
    .filter(([key]) => key.startsWith(prefix))
    .map(([key, text]) => {
      const name = key.slice(prefix.length);
      const refuse = (what: string): never => {
        throw new CgroupError('ERR_CGROUP_INVALID', what, { field: `annotations["${key}"]`, data: text });
      };
      if (!/^[A-Z][a-zA-Z]{2,}$/.test(name)) refuse(`${JSON.stringify(name)} is no property of a unit`);
      const value =
        parseGVariant(text.trim()) ?? refuse(`${JSON.stringify(text)} is no value in the text form of GVariant`);
      if (!/[a-zA-Z]Sec$/.test(name) || name.endsWith('USec')) return [name, value] as const;
      const seconds = Number(value.value);
      if (typeof value.value === 'string' || !Number.isFinite(seconds))
        refuse(`${JSON.stringify(text)} is no number of seconds`);
      return [`${name.slice(0, -3)}USec`, new BusVariant('t', BigInt(Math.round(seconds * 1e6)))] as const;
    });
}

const integerTypes: Readonly<Record<string, string>> = {
  byte: 'y',
  int16: 'n',
  uint16: 'q',
  int32: 'i',
  uint32: 'u',
  int64: 'x',
  uint64: 't',
};

/** The part of the text form that properties of units need: truth values, numbers, strings, and lists of those. */
function parseGVariant(text: string): BusVariant | undefined {
  if (text === 'true' || text === 'false') return new BusVariant('b', text === 'true');
  const typed = /^(byte|u?int(?:16|32|64)|double) (.+)$/.exec(text);
  if (typed) return parseNumber(typed[2] ?? '', typed[1] === 'double' ? 'd' : integerTypes[typed[1] ?? '']);
  if (/^[-+]?\d+$/.test(text)) return parseNumber(text, 'i');
  if (/^[-+]?\d*\.\d+$/.test(text)) return parseNumber(text, 'd');
  const string = parseString(text);
  if (string !== undefined) return new BusVariant('s', string);
  if (!text.startsWith('[') || !text.endsWith(']')) return undefined;
  const items = splitList(text.slice(1, -1)).map(parseGVariant);
  const [first] = items;
  if (!first || items.some((item) => item?.signature !== first.signature)) return undefined;
  return new BusVariant(
    `a${first.signature}`,
    items.map((item) => item?.value),
  );
}

function parseNumber(text: string, signature: string | undefined): BusVariant | undefined {
  if (signature === 'd') return Number.isFinite(Number(text)) ? new BusVariant('d', Number(text)) : undefined;
  if (signature === undefined || !/^[-+]?(0x[0-9a-fA-F]+|\d+)$/.test(text)) return undefined;
  const value = BigInt(text.replace(/^\+/, ''));
  return new BusVariant(signature, signature === 'x' || signature === 't' ? value : Number(value));
}

function parseString(text: string): string | undefined {
  const match = /^'((?:[^'\\]|\\.)*)'$/s.exec(text) ?? /^"((?:[^"\\]|\\.)*)"$/s.exec(text);
  return match?.[1]?.replace(/\\(.)/gs, '$1');
}

function splitList(text: string): readonly string[] {
  return (text.match(/(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|[^,'"])+/gs) ?? [])
    .map((item) => item.trim())
    .filter(Boolean);
}
