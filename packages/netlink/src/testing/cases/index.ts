import { addresses } from './addresses.ts';
import type { Case } from './common.ts';
import { fdb } from './fdb.ts';
import { links } from './links.ts';
import { neighbours } from './neighbours.ts';
import { routes } from './routes.ts';
import { rules } from './rules.ts';
import { settings } from './settings.ts';

export type { Case } from './common.ts';

/** By what they change. */
export const cases: Readonly<Record<string, readonly Case[]>> = {
  links,
  settings,
  addresses,
  routes,
  rules,
  neighbours,
  fdb,
};
