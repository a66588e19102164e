import { writeFileSync } from 'node:fs';
import { encodeConfig } from '@nsinit/config';
import { commands } from '../cli/commands.ts';
import type { CommandInvocation } from '../cli/parse.ts';
import { applyFlags } from '../config/apply-flags.ts';
import { FileError } from '../config/file-error.ts';
import { loadConfig } from '../config/load.ts';
import { locate } from '../config/locate.ts';
import { print } from '../output/print.ts';
import type { Context } from './context.ts';

/** `nsinit config`: the template, or an older file, with the flags, as container.json. */
export function run({ values }: CommandInvocation<'config'>, { cwd, log }: Context): number {
  // Only a file that is named: "nsinit config > container.json" has emptied the one in the current directory by now.
  const location = values.config
    ? locate(cwd, values.config, undefined)
    : { path: undefined, rootfs: cwd, base: cwd, directory: undefined };
  const { config: base, notes } = loadConfig(location);
  for (const { path, message } of notes) log.warn(`${location.path}: ${path}: ${message}`);
  const { config, added } = applyFlags(base, values, cwd);
  for (const { mount, reason } of added) log.warn(`added ${mount.device} on ${mount.destination}: ${reason}`);
  const text = `${encodeConfig(config)}\n`;
  const file = values.file ?? commands.config.flags.file.default;
  if (file === 'stdout') print(text);
  else writeConfig(file, text);
  return 0;
}

function writeConfig(file: string, text: string): void {
  try {
    writeFileSync(file, text);
  } catch (error) {
    throw new FileError(file, error);
  }
}
