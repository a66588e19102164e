import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/**
 * The criu to test with: the one that NSINIT_TEST_CRIU names, or that of a newer Debian, which works on new kernels.
 *
 * @param suite the release of Debian that it comes from.
 * @throws with the reason when it cannot be set up: tests that need it fail then.
 */
export function testCriu(suite: 'trixie' | 'forky' = 'trixie'): string {
  const named = process.env['NSINIT_TEST_CRIU'];
  if (named) return named;
  const script = fileURLToPath(new URL('../../../criu/scripts/criu-setup.mjs', import.meta.url));
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, '--suite', suite], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`criu could not be set up: ${stderr}`);
  return stdout.trim();
}
