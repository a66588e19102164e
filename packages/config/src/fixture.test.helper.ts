import { readFileSync } from 'node:fs';

/** The text of a file of src/fixtures. */
export function fixture(name: string): string {
  return readFileSync(new URL(`./fixtures/${name}.json`, import.meta.url), 'utf8');
}

/** Names of the sample configurations of the 2015 generation. */
export const SAMPLES = ['minimal', 'apparmor', 'attach_to_bridge', 'host-pid', 'selinux', 'userns'] as const;
