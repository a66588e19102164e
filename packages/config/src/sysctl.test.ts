import { describe, expect, it } from 'vitest';
import { sysctlPath } from './sysctl.ts';

describe('sysctlPath', () => {
  it.each([
    ['kernel.shmmni', 'kernel/shmmni'],
    ['net/ipv4/ip_forward', 'net/ipv4/ip_forward'],
    ['net.ipv4.conf.eth0/1.forwarding', 'net/ipv4/conf/eth0.1/forwarding'],
    ['net/ipv4/conf/eth0.1/forwarding', 'net/ipv4/conf/eth0.1/forwarding'],
    ['a', 'a'],
    ['', undefined],
    ['.', undefined],
    ['..', undefined],
    ['/etc/passwd', undefined],
    ['a/../b', undefined],
    ['a/./b', undefined],
    ['a.//.b', undefined],
    ['a./.b', undefined],
    ['a//b', undefined],
    ['a/', undefined],
  ])('%j is %j', (name, path) => {
    expect(sysctlPath(name)).toBe(path);
  });
});
