import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Controller } from '../controller.ts';
import { Group } from '../fs/group.ts';
import { applyWrites } from '../fs/write.ts';
import type { Resources } from '../resources.ts';
import type { Stats, StatsBuilder } from '../stats/stats.ts';

/** A directory with files, removed when the test ends. */
export function fakeTree(files: Readonly<Record<string, string>>): string {
  const root = mkdtempSync(join(tmpdir(), 'nsinit-cgroups-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true });
    writeFileSync(join(root, name), text);
  }
  return root;
}

/** A group of files that are no control group. */
export function fakeGroup(files: Readonly<Record<string, string>> = {}): Group {
  return new Group(fakeTree(files));
}

/** Sets limits on a fake group. */
export function setOn(group: Group, controller: Controller, resources: Resources): void {
  applyWrites(group, controller.writes(resources, group));
}

/** What a controller reads of a group. */
export function statsOf(group: Group, controller: Controller): Stats {
  const stats: StatsBuilder = {};
  controller.stats?.(group, stats);
  return stats;
}

/** The text of a file, trimmed. */
export function textOf(group: { readonly path: string }, file: string): string {
  return readFileSync(join(group.path, file), 'utf8').trim();
}
