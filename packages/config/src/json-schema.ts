import type { JsonSchema } from './codec/codec.ts';
import { SchemaBuilder } from './codec/schema-builder.ts';
import { configTable } from './container-json/config-table.ts';

/**
 * The JSON Schema (2020-12) of a container.json of the 2015 generation, made from the tables that the parser uses.
 * Older generations are read as well but have no schema. Bounds beyond 2^53 are bigint: write it with
 * `stringifyJson`. The package ships it as `@nsinit/config/schema.json`.
 */
export function containerJsonSchema(): JsonSchema {
  const builder = new SchemaBuilder();
  const root = configTable.schema(builder);
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'container.json',
    description: 'Configuration of a container for libcontainer and nsinit.',
    ...root,
    $defs: builder.definitions,
  };
}
