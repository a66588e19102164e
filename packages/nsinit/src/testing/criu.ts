import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/**
 * The criu to test with: the one that NSINIT_TEST_CRIU names, or that of a newer Debian, which works on new kernels.
 *
 * @throws with the reason when it cannot be set up: tests that need it fail then.
 */
export function testCriu(): string {
  const named = process.env['NSINIT_TEST_CRIU'];
  if (named) return named;
  const script = fileURLToPath(new URL('../../../criu/scripts/criu-setup.mjs', import.meta.url));
  const { status, stdout, stderr } = spawnSync(process.execPath, [script], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`criu could not be set up: ${stderr}`);
  return stdout.trim();
}
