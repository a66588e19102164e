import { expect, it } from 'vitest';
import { systemdVersion } from './systemd.ts';

it('finds the version of systemd', () => {
  expect(systemdVersion('systemd 252 (252.39-1~deb12u2)\n+PAM +AUDIT default-hierarchy=unified\n')).toBe(252);
  expect(systemdVersion('systemd 219\n+PAM\n')).toBe(219);
  expect(systemdVersion('System has not been booted with systemd')).toBe(undefined);
});
