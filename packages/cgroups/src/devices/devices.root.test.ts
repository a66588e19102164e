import { mkdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { detectLayout } from '../layout/layout.ts';
import { testManager, testName, WaitingShell } from '../testing/host.ts';
import { attachDevicePolicy, attachedDevicePrograms } from './attach.ts';
import { devicePolicy } from './policy.ts';

const { v2 } = detectLayout();
const noV2 = 'host: cgroup v2 is not mounted';
const nullDevice = { type: 'c', major: 1, minor: 3, permissions: 'rwm' } as const;
const zeroDevice = { type: 'c', major: 1, minor: 5, permissions: 'rw' } as const;

/** Opens devices, and makes one, and says what of it went well. */
const probe = [
  'for d in null zero full; do (: <"/dev/$d") 2>/dev/null && echo "$d"; done',
  'mknod "$TMP/n" c 1 3 2>/dev/null && echo mknod-null; mknod "$TMP/z" c 1 5 2>/dev/null && echo mknod-zero',
  'rm -rf "$TMP"; :',
].join('; ');

const script = `TMP=$(mktemp -d); ${probe}`;

describe('the manager', () => {
  it('lets use and make what is allowed, and nothing else', async () => {
    await using manager = testManager({ allowAllDevices: false, allowedDevices: [nullDevice, zeroDevice] });
    await using shell = new WaitingShell(script);
    await manager.apply(shell.pid);
    shell.go();
    expect(await shell.ended).toBe(0);
    expect(shell.output.trim().split('\n')).toEqual(['null', 'zero', 'mknod-null']);
  });

  it('keeps from using what is denied', async () => {
    await using manager = testManager({ allowAllDevices: true, deniedDevices: [zeroDevice] });
    await using shell = new WaitingShell(script);
    await manager.apply(shell.pid);
    shell.go();
    expect(await shell.ended).toBe(0);
    expect(shell.output.trim().split('\n')).toEqual(['null', 'full', 'mknod-null', 'mknod-zero']);
  });

  it('changes the rules of a group in use', async () => {
    await using manager = testManager({ allowAllDevices: false, allowedDevices: [nullDevice] });
    await using shell = new WaitingShell(script);
    await manager.apply(shell.pid);
    await manager.set({ allowAllDevices: false, allowedDevices: [{ ...nullDevice, permissions: 'rw' }, zeroDevice] });
    shell.go();
    expect(await shell.ended).toBe(0);
    expect(shell.output.trim().split('\n')).toEqual(['null', 'zero']);
  });

  it('gives the old rules back when the change is refused', async () => {
    await using manager = testManager({ allowAllDevices: false, allowedDevices: [nullDevice] });
    await using shell = new WaitingShell(script);
    await manager.apply(shell.pid);
    const change = { allowAllDevices: false, allowedDevices: [zeroDevice], cpusetCpus: '4000' };
    await expect(manager.set(change)).rejects.toThrow('cpusetCpus');
    shell.go();
    expect(await shell.ended).toBe(0);
    expect(shell.output.trim().split('\n')).toEqual(['null', 'mknod-null']);
  });
});

describe('the program of cgroup v2', () => {
  it('is loaded, governs, and is replaced by the next in one step', async ({ skip }) => {
    skip(!v2, noV2);
    const path = `${v2!.mountPoint}/${testName()}`;
    mkdirSync(path);
    try {
      const rules = (allowed: readonly (typeof nullDevice | typeof zeroDevice)[]) =>
        devicePolicy(allowed.map((rule) => ({ ...rule, allow: true })));
      attachDevicePolicy(path, rules([nullDevice]), 'allowedDevices');
      expect(attachedDevicePrograms(path)).toEqual(['nsinit_devices']);
      attachDevicePolicy(path, rules([nullDevice, zeroDevice]), 'allowedDevices');
      expect(attachedDevicePrograms(path)).toEqual(['nsinit_devices']);
      await using shell = new WaitingShell(script);
      writeFileSync(`${path}/cgroup.procs`, String(shell.pid));
      shell.go();
      expect(await shell.ended).toBe(0);
      expect(shell.output.trim().split('\n')).toEqual(['null', 'zero', 'mknod-null']);
    } finally {
      rmdirSync(path);
    }
  });

  it('passes the verifier whatever the rules are', ({ skip }) => {
    skip(!v2, noV2);
    const path = `${v2!.mountPoint}/${testName()}`;
    mkdirSync(path);
    try {
      const many = Array.from({ length: 200 }, (_, minor) => ({ ...nullDevice, major: 0xfff, minor, allow: true }));
      const policies = [
        [],
        [{ type: 'a', major: -1, minor: -1, permissions: 'rwm', allow: true }],
        [{ type: 'b', major: -1, minor: -1, permissions: 'm', allow: true }],
        [{ type: 'c', major: 0xffffffff, minor: -1, permissions: 'rw', allow: true }],
        many,
        [
          { type: 'a', major: -1, minor: -1, permissions: 'rwm', allow: true },
          ...many.map((rule) => ({ ...rule, allow: false })),
        ],
      ] as const;
      for (const rules of policies) attachDevicePolicy(path, devicePolicy(rules), 'devices');
      expect(attachedDevicePrograms(path)).toEqual(['nsinit_devices']);
    } finally {
      rmdirSync(path);
    }
  });
});
