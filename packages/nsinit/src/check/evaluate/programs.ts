import type { Facts } from '../facts.ts';
import { type Finding, findingsOf } from '../finding.ts';

const { ok, limited } = findingsOf('programs');

/** Programs that some commands use. */
export function evaluatePrograms({ criu }: Facts): readonly Finding[] {
  if (criu) return [ok('criu', [criu.path, criu.version].filter(Boolean).join(', '))];
  return [
    limited(
      'criu',
      'not found: containers cannot be saved and restored',
      'install the package criu, or name it with --criu',
    ),
  ];
}
