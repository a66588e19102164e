import { Report } from './codec/codec.ts';
import type { Config } from './config.ts';
import { configTable } from './container-json/config-table.ts';
import { type Dialect, detectDialect } from './dialect.ts';
import { ConfigError } from './error.ts';
import { parseJson } from './json/parse.ts';
import { Conversion, type Note } from './legacy/conversion.ts';
import { convertLegacy } from './legacy/convert.ts';
import { legacyTable } from './legacy/tables.ts';

/** How {@link parseConfig} reads. */
export interface ParseOptions {
  /** Root file system of a file that does not name one; undefined: the file must name it. */
  readonly rootfs?: string;
  /** Generation of the file; undefined: it is detected. */
  readonly dialect?: Dialect;
}

/** A container.json that was read. */
export interface ParsedConfig {
  readonly config: Config;
  /** Generation of the file. */
  readonly dialect: Dialect;
  /** What an older file implied or lost on the way to today's configuration. */
  readonly notes: readonly Note[];
}

/**
 * Reads the text of a container.json of any generation. Whether the configuration makes sense is checked by
 * `validate`.
 *
 * @throws ConfigError with all unknown keys, wrong values and missing ones, each with path, line and column.
 */
export function parseConfig(text: string, options: ParseOptions = {}): ParsedConfig {
  const root = parseJson(text);
  const report = new Report(text);
  const dialect = options.dialect ?? detectDialect(root);
  const conversion = new Conversion(root, report);
  let config: Config | undefined;
  if (dialect === '2015') {
    config = configTable.decode(root, '', report);
  } else {
    const raw = legacyTable.decode(root, '', report);
    config = raw && convertLegacy(raw, dialect, conversion);
  }
  if (config?.rootfs === '') {
    if (options.rootfs === undefined)
      report.add(root, 'rootfs', 'a value is required: the path of the root file system');
    else config = { ...config, rootfs: options.rootfs };
  }
  if (config === undefined || report.problems.length > 0) throw new ConfigError(report.problems);
  return { config, dialect, notes: conversion.notes };
}
