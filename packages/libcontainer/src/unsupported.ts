import type { Config } from '@nsinit/config';
import { ContainerError } from './errors.ts';

interface Rule {
  /** What it would need. */
  readonly needs: string;
  /** The field that asks for it: `mounts[3]`; undefined when none does. */
  readonly asked: (config: Config) => string | undefined;
}

/** What configurations can ask for and this version does not do. Silence would be a container without its fence. */
const rules: readonly Rule[] = [
  {
    needs: 'cgroup mounts',
    asked: ({ mounts = [] }) =>
      element(
        'mounts',
        mounts.findIndex(({ device }) => device === 'cgroup'),
      ),
  },
];

const element = (list: string, index: number): string | undefined => (index < 0 ? undefined : `${list}[${index}]`);

/**
 * Refuses a configuration that asks for what this version cannot do.
 *
 * @throws {ContainerError} ConfigInvalid, naming the field.
 */
export function checkSupported(config: Config): void {
  for (const { needs, asked } of rules) {
    const field = asked(config);
    if (field !== undefined) refuse(field, needs);
  }
}

function refuse(field: string, needs: string): never {
  throw new ContainerError('ConfigInvalid', `${field}: ${needs} are not implemented in this version`, {
    field,
    hint: `remove ${field} from the configuration`,
  });
}
