// Writes schema/container.schema.json from the tables of the parser. Runs after tsc, as part of the build.
import { mkdirSync, writeFileSync } from 'node:fs';
import { containerJsonSchema, stringifyJson } from '../dist/index.js';

const directory = new URL('../schema/', import.meta.url);
mkdirSync(directory, { recursive: true });
writeFileSync(new URL('container.schema.json', directory), `${stringifyJson(containerJsonSchema(), '  ')}\n`);
