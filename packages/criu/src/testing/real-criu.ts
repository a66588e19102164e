import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/**
 * Path of the criu that the setup script unpacks, which works on new kernels.
 *
 * @throws with the reason when it cannot be set up: tests of the real criu fail then.
 */
export function unpackedCriu(): string {
  const script = fileURLToPath(new URL('../../scripts/criu-setup.mjs', import.meta.url));
  const { status, stdout, stderr } = spawnSync(process.execPath, [script], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`criu could not be set up: ${stderr}`);
  return stdout.trim();
}

/** Path of the criu to test with: the one that NSINIT_TEST_CRIU names, or the unpacked one. */
export function realCriu(): string {
  return process.env['NSINIT_TEST_CRIU'] || unpackedCriu();
}
