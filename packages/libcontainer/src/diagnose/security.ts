import type { Rule } from './failure.ts';

/** Failures of profiles and labels. */
export const securityRules: readonly Rule[] = [
  {
    ops: ['fail'],
    errnos: ['ENOENT'],
    field: /^apparmorProfile$/,
    explain: ({ field, what }) => ({
      about: field,
      cause: what,
      hint: 'load it with apparmor_parser -r FILE; /sys/kernel/security/apparmor/profiles has those that are loaded',
    }),
  },
  {
    ops: ['fail'],
    errnos: ['EINVAL'],
    field: /^processLabel$/,
    explain: ({ field, what }) => ({
      about: field,
      cause: what,
      hint: 'write user:role:type:level with names of the policy: seinfo -u -r -t',
    }),
  },
];
