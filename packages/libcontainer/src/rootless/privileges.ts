import { readFileSync } from 'node:fs';

/** The effective capabilities of this process, as a mask. capabilities(7) */
export function effectiveCapabilities(): bigint {
  const status = readFileSync('/proc/self/status', 'utf8');
  return BigInt(`0x${/^CapEff:\s*([0-9a-f]+)$/m.exec(status)?.[1] ?? '0'}`);
}
