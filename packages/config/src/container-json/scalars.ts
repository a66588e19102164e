import { type Capabilities, type CapabilitySets, isCapabilityList, normaliseCapability } from '../capability.ts';
import { type Codec, describeNode } from '../codec/codec.ts';
import { list } from '../codec/collections.ts';
import { type Fields, object, optional } from '../codec/object.ts';
import { integer, string } from '../codec/scalars.ts';
import { suggest } from '../codec/suggest.ts';
import type { DeviceRule } from '../device.ts';
import { RLIMITS, type Rlimit, type RlimitName } from '../rlimit.ts';

/** Device kinds: a character code in the files of the original, a letter in files written by people. */
export function deviceTypeCodec<const T extends DeviceRule['type']>(types: readonly T[]): Codec<T> {
  const letterOf = new Map(types.map((type) => [type.charCodeAt(0), type]));
  return {
    decode(node, path, report) {
      const known =
        node.kind === 'number'
          ? letterOf.get(Number(node.text))
          : types.find((type) => node.kind === 'string' && node.value === type);
      if (known !== undefined) return known;
      const expected = types.map((type) => `"${type}" (${type.charCodeAt(0)})`).join(', ');
      return report.add(node, path, `unknown device type ${describeNode(node)}, expected one of ${expected}`);
    },
    encode: (type) => type.charCodeAt(0),
    schema: () => ({ enum: [...letterOf.keys(), ...types] }),
  };
}

/** A capability's name, without the prefix in the text and with it in memory. */
export const capabilityName: Codec<string> = {
  decode(node, path, report) {
    const name = string.decode(node, path, report);
    return name === undefined ? undefined : normaliseCapability(name);
  },
  encode: (name) => normaliseCapability(name).slice('CAP_'.length),
  schema: () => ({ type: 'string' }),
};

const capabilityList = list(capabilityName);

const capabilitySetFields: Fields<CapabilitySets> = {
  bounding: optional(capabilityList, 'Limit of what an exec can gain.'),
  effective: optional(capabilityList, 'Capabilities in force.'),
  permitted: optional(capabilityList, 'Capabilities that can be put in force.'),
  inheritable: optional(capabilityList, 'Capabilities that files with inheritable bits regain; best left out.'),
  ambient: optional(capabilityList, 'Capabilities that an exec of an ordinary program keeps.'),
};

const capabilitySets = object('CapabilitySets', capabilitySetFields);

/** A list of capabilities to keep, or the five sets. */
export const capabilities: Codec<Capabilities> = {
  decode(node, path, report) {
    if (node.kind === 'array') return capabilityList.decode(node, path, report);
    if (node.kind === 'object') return capabilitySets.decode(node, path, report);
    return report.add(node, path, `expected a list or an object with sets, found ${describeNode(node)}`);
  },
  encode: (value) => (isCapabilityList(value) ? capabilityList.encode(value) : capabilitySets.encode(value)),
  schema: (builder) => ({ anyOf: [capabilityList.schema(builder), capabilitySets.schema(builder)] }),
};

const RLIMIT_NAMES = Object.keys(RLIMITS) as RlimitName[];

/** A resource as the kernel's number, or as its name with or without `RLIMIT_`. */
export const rlimitType: Codec<Rlimit['type']> = {
  decode(node, path, report) {
    if (node.kind !== 'string') return integer({ min: 0, max: 0xffff }).decode(node, path, report);
    const name = RLIMIT_NAMES.find((known) => known === node.value || known === `RLIMIT_${node.value}`);
    if (name !== undefined) return name;
    const meant = suggest(node.value, RLIMIT_NAMES) ?? suggest(`RLIMIT_${node.value}`, RLIMIT_NAMES);
    return report.add(node, path, `unknown resource limit ${JSON.stringify(node.value)}`, meant);
  },
  encode: (type) => type,
  schema: () => ({
    anyOf: [
      { type: 'integer', minimum: 0, maximum: 0xffff },
      { enum: RLIMIT_NAMES.flatMap((name) => [name, name.slice('RLIMIT_'.length)]) },
    ],
  }),
};

/** A system call as its number or its name. */
export const syscallValue: Codec<number | string> = {
  decode(node, path, report) {
    if (node.kind === 'string') return node.value || report.add(node, path, 'the name of a system call is empty');
    return integer({ min: 0, max: 0x7fff_ffff }).decode(node, path, report);
  },
  encode: (value) => value,
  schema: () => ({
    anyOf: [
      { type: 'integer', minimum: 0, maximum: 0x7fff_ffff },
      { type: 'string', minLength: 1 },
    ],
  }),
};
