import type { Architecture } from '../architecture.ts';
import { multiplexed } from './multiplexed.ts';
import { arm } from './tables/arm.ts';
import { arm64 } from './tables/arm64.ts';
import { elsewhere } from './tables/elsewhere.ts';
import { x32 } from './tables/x32.ts';
import { x86 } from './tables/x86.ts';
import { x86_64 } from './tables/x86-64.ts';

const sources: Readonly<Record<Architecture, string>> = { x86_64, x86, x32, arm64, arm };

interface Table {
  readonly byName: ReadonlyMap<string, number>;
  readonly byNumber: ReadonlyMap<number, string>;
}

const tables = new Map<Architecture, Table>();

function tableOf(architecture: Architecture): Table {
  let table = tables.get(architecture);
  if (!table) {
    table = parse(sources[architecture]);
    tables.set(architecture, table);
  }
  return table;
}

function parse(source: string): Table {
  const byName = new Map<string, number>();
  const byNumber = new Map<number, string>();
  for (const row of source.trim().split('\n')) {
    const [first, ...names] = row.split(' ') as [string, ...string[]];
    names.forEach((name, index) => {
      const number = Number(first) + index;
      byName.set(name, number);
      if (!byNumber.has(number)) byNumber.set(number, name);
    });
  }
  return { byName, byNumber };
}

/** The number of a call; that of x32 is without the bit. undefined: the architecture has no such call. */
export function syscallNumber(architecture: Architecture, name: string): number | undefined {
  return tableOf(architecture).byName.get(name);
}

/** The name of a number, without the bit for x32; undefined: the tables have none. */
export function syscallName(architecture: Architecture, number: number): string | undefined {
  return tableOf(architecture).byNumber.get(number);
}

/** All calls of an architecture with their numbers, lowest first. */
export function syscallsOf(architecture: Architecture): ReadonlyMap<string, number> {
  return tableOf(architecture).byName;
}

let everyName: ReadonlySet<string> | undefined;

/** Every name that some architecture of Linux has. */
export function knownNames(): ReadonlySet<string> {
  everyName ??= new Set([
    ...Object.keys(sources).flatMap((architecture) => [...tableOf(architecture as Architecture).byName.keys()]),
    ...multiplexed.keys(),
    ...elsewhere.trim().split(/\s+/),
  ]);
  return everyName;
}
