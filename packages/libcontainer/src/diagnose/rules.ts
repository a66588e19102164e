import { commandRules } from './commands.ts';
import { credentialRules } from './credentials.ts';
import { execRules } from './exec.ts';
import type { Rule } from './failure.ts';
import { limitRules } from './limits.ts';
import { mountRules } from './mounts.ts';
import { namespaceCreateRules } from './namespace-create.ts';
import { namespaceJoinRules } from './namespace-join.ts';
import { rootfsRules } from './rootfs.ts';
import { securityRules } from './security.ts';
import { settingRules } from './settings.ts';

/** Every explanation there is; the first row that knows a failure decides. */
export const rules: readonly Rule[] = [
  ...commandRules,
  ...execRules,
  ...rootfsRules,
  ...mountRules,
  ...securityRules,
  ...settingRules,
  ...limitRules,
  ...credentialRules,
  ...namespaceCreateRules,
  ...namespaceJoinRules,
];
