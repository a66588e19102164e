import type { Config } from './config.ts';
import { configTable } from './container-json/config-table.ts';
import { type JsonValue, stringifyJson } from './json/stringify.ts';

/**
 * The text of a container.json in the generation of 2015, which `parseConfig` reads back to an equal configuration:
 * capabilities get their prefix, and empty texts and zero limits, which mean "not set", are gone. 64-bit integers
 * keep every digit; a reader that uses JSON.parse loses those beyond 2^53.
 *
 * @param indent text of one level of indentation; `''`: everything on one line.
 * @throws RangeError for an integer beyond 2^53 that is not a bigint.
 */
export function encodeConfig(config: Config, indent = '\t'): string {
  return stringifyJson(configToJson(config), indent || undefined);
}

/** The configuration as a JSON value with the keys of container.json; 64-bit integers may be bigint. */
export function configToJson(config: Config): JsonValue {
  return configTable.encode(config);
}
