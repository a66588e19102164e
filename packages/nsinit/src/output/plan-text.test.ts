import { STANDARD_MOUNTS } from '@nsinit/config';
import { expect, it } from 'vitest';
import { planText } from './plan-text.ts';

it('puts the reason behind each call, and what was added first', () => {
  const text = planText(
    [
      { index: 0, op: 'setsid', text: 'setsid()', errors: 'EPERM: ignore', what: 'lead a session' },
      { index: 1, op: 'close', text: 'close(root)', what: 'mount proc on /proc', field: 'mounts[0]' },
      { index: 2, op: 'fail', text: 'fail' },
      { index: 3, op: 'x', text: 'x'.repeat(90), what: 'long' },
    ],
    [{ mount: STANDARD_MOUNTS.proc, reason: 'it was not there' }],
  );
  expect(text.split('\n')).toEqual([
    '# added: proc on /proc: it was not there',
    `${'0  setsid()  [EPERM: ignore]'.padEnd(84)}  # lead a session`,
    `${'1  close(root)'.padEnd(84)}  # mounts[0]: mount proc on /proc`,
    '2  fail',
    `3  ${'x'.repeat(90)}  # long`,
    '',
  ]);
});

it('says at the end what the filter does', () => {
  const filter = { summary: ['ALLOW: every other call'], calls: ['x86_64 mount: ERRNO(1), by seccomp.rules[0]'] };
  expect(planText([{ index: 0, op: 'fail', text: 'fail' }], [], { filter })).toBe(
    '0  fail\n# filter: ALLOW: every other call\n# filter: x86_64 mount: ERRNO(1), by seccomp.rules[0]\n',
  );
});

it('shows what is done about the network', () => {
  const text = planText([{ index: 0, op: 'setsid', text: 'setsid()' }], [], {
    network: [{ field: 'networks[1]', what: 'make the interface', text: 'ip link add veth0' }],
  });
  expect(text).toBe(
    '0  setsid()\n# from outside, over netlink, while the new process waits (its number is PID), the same as:\n' +
      '   ip link add veth0  # networks[1]: make the interface\n',
  );
});
