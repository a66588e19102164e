import { CAPABILITIES, isCapability, normaliseCapability } from '../capability.ts';
import type { Dialect } from '../dialect.ts';
import type { Conversion } from './conversion.ts';
import type { Switch } from './switches.ts';
import type { LegacyConfig } from './types.ts';

/** Dialects in which `capabilities` lists what a process loses. */
const DROP_DIALECTS: readonly Dialect[] = ['2014-02-18', '2014-02-20', '2014-02-21', '2014-02-26', '2014-03'];

/** Names as the files of 2014 have them. */
const WRITTEN_NAMES = CAPABILITIES.map((name) => name.slice('CAP_'.length));

/** The capabilities that a process keeps, from the list to keep or the list to drop. */
export function convertCapabilities(
  raw: LegacyConfig,
  dialect: Dialect,
  conversion: Conversion,
): readonly string[] | undefined {
  const names = (list: readonly Switch[], key: string, without: boolean): readonly string[] =>
    list.flatMap(({ key: written, enabled }, index) => {
      const name = normaliseCapability(written);
      if (isCapability(name)) return enabled === without ? [] : [name];
      conversion.unknown(conversion.itemPlace(key, index, written), 'capability', written, WRITTEN_NAMES);
      return [];
    });

  const drop = (list: readonly Switch[], key: string): readonly string[] => {
    const dropped = new Set(names(list, key, true));
    conversion.note(key, `read as the list of capabilities to drop (dialect ${dialect}): all others are kept`);
    return CAPABILITIES.filter((name) => !dropped.has(name));
  };

  if (raw.capabilitiesMask !== undefined) return drop(raw.capabilitiesMask, 'capabilities_mask');
  if (raw.capabilities !== undefined && !DROP_DIALECTS.includes(dialect)) {
    conversion.note('capabilities', `read as the list of capabilities to keep (dialect ${dialect})`);
    return names(raw.capabilities, 'capabilities', false);
  }
  if (raw.capabilities !== undefined) return drop(raw.capabilities, 'capabilities');
  if (dialect === '2014-05-17' || dialect === '2014-07') return undefined;
  conversion.note('capabilities', `the file drops no capability (dialect ${dialect}): all are kept`);
  return CAPABILITIES;
}
