import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest';
import { Box } from './box.ts';
import { Cli } from './cli.ts';

/** What the tests of a file need otherwise than others. */
export interface UseBoxOptions {
  /** Where the command line is from. @default 'sources' */
  readonly from?: 'sources' | 'build';
  /** Gives the directory in which boxes are made; asked before each test. */
  readonly below?: () => string;
  /** Puts into a box what every test of the file finds in it. */
  readonly prepare?: (box: Box) => void;
}

/** The command line, and a box of its own for each test; after each there must be no state, no mount and no group left. */
export function useBox({ from, below, prepare }: UseBoxOptions = {}): {
  readonly cli: () => Cli;
  readonly box: () => Box;
} {
  let cli: Cli;
  let box: Box;
  beforeAll(() => {
    cli = new Cli(from);
  });
  afterAll(() => cli[Symbol.dispose]());
  beforeEach(() => {
    box = new Box(below?.());
    prepare?.(box);
  });
  afterEach(() => {
    expect(box.left()).toEqual([]);
    box[Symbol.dispose]();
  });
  return { cli: () => cli, box: () => box };
}
