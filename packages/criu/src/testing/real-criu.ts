import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/**
 * Path of a criu that works on this kernel: the one that NSINIT_TEST_CRIU names, or one that the setup script unpacks.
 *
 * @throws with the reason when there is none: tests of the real criu fail then.
 */
export function realCriu(): string {
  const named = process.env['NSINIT_TEST_CRIU'];
  if (named) return named;
  const script = fileURLToPath(new URL('../../scripts/criu-setup.mjs', import.meta.url));
  const { status, stdout, stderr } = spawnSync(process.execPath, [script], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`criu could not be set up: ${stderr}`);
  return stdout.trim();
}
