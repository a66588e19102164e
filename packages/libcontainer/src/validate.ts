import type { Config } from '@nsinit/config';

/** Checks a configuration before anything is touched; throws ConfigInvalid. A factory may be given another. */
export interface Validator {
  validate(config: Config): void;
}
