import { randomInt } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { LsmError } from '../error.ts';
import { reservationDir, type SelinuxFiles } from './files.ts';

/** How many categories policies have. */
const CATEGORIES = 1024;

/**
 * The level with the id-th pair of categories: 1 is `s0:c0,c1`, and each id has a pair of its own.
 *
 * @param id 1 to 523776, for 1024 categories
 * @throws {RangeError} for another id.
 */
export function levelOfId(id: number, categories = CATEGORIES): string {
  if (!Number.isInteger(id) || id < 1 || id > pairs(categories))
    throw new RangeError(`${id} is out of range, expected 1 to ${pairs(categories)}`);
  let [first, rest, others] = [0, id, categories - 1];
  while (rest > others) {
    rest -= others;
    others -= 1;
    first += 1;
  }
  return `s0:c${first},c${first + rest}`;
}

const pairs = (categories: number): number => (categories * (categories - 1)) / 2;

/** A level that is reserved. */
export interface Reservation {
  readonly level: string;
  /** What {@link reserveLevel} was told of it. */
  readonly owner: string;
}

/**
 * Reserves a level, so that nobody else on this machine gets it from {@link reserveUniqueLevel}, in whatever process, until it is
 * released or the machine boots.
 *
 * @param owner for people: the id of a container.
 * @returns false when it is reserved already.
 * @throws {LsmError} for a text that is no level, or when the directory of reservations cannot be written.
 */
export function reserveLevel(level: string, owner = '', files: SelinuxFiles = {}): boolean {
  const path = reservationPath(level, files);
  try {
    mkdirSync(reservationDir(files), { recursive: true, mode: 0o700 });
    writeFileSync(path, owner, { flag: 'wx', mode: 0o600 });
    return true;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw new LsmError(`${level} cannot be reserved: ${(cause as Error).message}`, { subject: path, cause });
  }
}

/**
 * Reserves a level of two categories that nobody has.
 *
 * @param options.categories how many there are, 2 to 1024
 * @throws {LsmError} when all are taken, or the directory of reservations cannot be written.
 */
export function reserveUniqueLevel(
  owner = '',
  files: SelinuxFiles = {},
  options: { readonly categories?: number } = {},
): string {
  const { categories = CATEGORIES } = options;
  const count = pairs(categories);
  const start = randomInt(count);
  for (let offset = 0; offset < count; offset++) {
    const level = levelOfId(((start + offset) % count) + 1, categories);
    if (reserveLevel(level, owner, files)) return level;
  }
  throw new LsmError(`all ${count} levels are reserved`, {
    subject: reservationDir(files),
    hint: 'release those of containers that are gone',
  });
}

/**
 * Gives a level back.
 *
 * @returns false when it was not reserved.
 */
export function releaseLevel(level: string, files: SelinuxFiles = {}): boolean {
  try {
    rmSync(reservationPath(level, files));
    return true;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw new LsmError(`${level} cannot be released: ${(cause as Error).message}`, { subject: level, cause });
  }
}

/** All levels that are reserved on this machine, in the order of their names. */
export function reservedLevels(files: SelinuxFiles = {}): readonly Reservation[] {
  const dir = reservationDir(files);
  try {
    return readdirSync(dir)
      .sort()
      .map((level) => ({ level, owner: readFileSync(join(dir, level), 'utf8') }));
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw new LsmError(`the reservations cannot be read: ${(cause as Error).message}`, { subject: dir, cause });
  }
}

/** Categories in ascending order mean the same in another: the file has one name. */
function reservationPath(level: string, files: SelinuxFiles): string {
  const category = 'c\\d{1,5}(?:\\.c\\d{1,5})?';
  const one = `s\\d{1,3}(?::${category}(?:,${category})*)?`;
  if (!new RegExp(`^${one}(?:-${one})?$`).test(level))
    throw new LsmError(`${JSON.stringify(level)} is not a level`, { subject: level, hint: 'write s0:c1,c2' });
  return join(
    reservationDir(files),
    level.replace(/:([\dc,.]+)/g, (_, list: string) => `:${sorted(list)}`),
  );
}

function sorted(list: string): string {
  const first = (category: string): number => Number(/\d+/.exec(category)?.[0]);
  return [...new Set(list.split(','))].sort((a, b) => first(a) - first(b)).join(',');
}
