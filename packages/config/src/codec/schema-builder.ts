import type { JsonSchema } from './codec.ts';

/** Collects the named parts of a JSON Schema while it is built. */
export class SchemaBuilder {
  readonly #definitions = new Map<string, JsonSchema>();

  /** A reference to the named part, which is built on its first use. */
  reference(name: string, build: () => JsonSchema): JsonSchema {
    if (!this.#definitions.has(name)) {
      this.#definitions.set(name, {});
      this.#definitions.set(name, build());
    }
    return { $ref: `#/$defs/${name}` };
  }

  /** All named parts, by name. */
  get definitions(): JsonSchema {
    return Object.fromEntries([...this.#definitions].sort(([left], [right]) => (left < right ? -1 : 1)));
  }
}
