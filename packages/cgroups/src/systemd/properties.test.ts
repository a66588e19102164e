import { describe, expect, it } from 'vitest';
import type { Resources } from '../resources.ts';
import { socketPath, systemBusAddress, userBusAddress } from './address.ts';
import { annotationProperties } from './annotations.ts';
import { cpuBits } from './cpu-bits.ts';
import { deviceGroups } from './devices.ts';
import { type PropertyContext, resourceProperties } from './properties.ts';
import { scopeName, sliceName } from './unit.ts';

const v2: PropertyContext = { version: 2, systemd: 252, procDevices: '' };
const infinity = 0xffff_ffff_ffff_ffffn;

const told = (resources: Resources, context = v2) =>
  resourceProperties(resources, context).map(([name, { signature, value }]) => [name, signature, value]);

describe('limits as properties', () => {
  it.each<[Resources, readonly unknown[][]]>([
    [{ memory: 100 }, [['MemoryMax', 't', 100n]]],
    [
      { memory: -1 },
      [
        ['MemoryMax', 't', infinity],
        ['MemorySwapMax', 't', infinity],
      ],
    ],
    [
      { memory: 100, memorySwap: 150 },
      [
        ['MemoryMax', 't', 100n],
        ['MemorySwapMax', 't', 50n],
      ],
    ],
    [{ memoryReservation: 5 }, [['MemoryLow', 't', 5n]]],
    [{ cpuShares: 1024 }, [['CPUWeight', 't', 100n]]],
    [{ cpuShares: 1024, cpuIdle: 1 }, [['CPUWeight', 't', 0n]]],
    [{ cpuQuota: 20000 }, [['CPUQuotaPerSecUSec', 't', 200_000n]]],
    [
      { cpuQuota: 3333, cpuPeriod: 10000 },
      [
        ['CPUQuotaPeriodUSec', 't', 10000n],
        ['CPUQuotaPerSecUSec', 't', 340_000n],
      ],
    ],
    [{ cpuQuota: -1 }, [['CPUQuotaPerSecUSec', 't', infinity]]],
    [
      { cpusetCpus: '0-2', cpusetMems: '0' },
      [
        ['AllowedCPUs', 'ay', Uint8Array.of(7)],
        ['AllowedMemoryNodes', 'ay', Uint8Array.of(1)],
      ],
    ],
    [{ pidsLimit: 7 }, [['TasksMax', 't', 7n]]],
    [{ pidsLimit: 0 }, [['TasksMax', 't', 1n]]],
    [{ pidsLimit: -1 }, [['TasksMax', 't', infinity]]],
    [{ blkioWeight: 1000 }, [['IOWeight', 't', 10000n]]],
    [
      { unified: { 'memory.high': '5', 'cpu.max': 'max 50000', 'pids.max': 'max', 'rdma.max': 'x' } },
      [
        ['MemoryHigh', 't', 5n],
        ['CPUQuotaPeriodUSec', 't', 50000n],
        ['CPUQuotaPerSecUSec', 't', infinity],
        ['TasksMax', 't', infinity],
      ],
    ],
    [
      { allowAllDevices: true, deniedDevices: [{ type: 'c', major: 1, minor: 3, permissions: 'r' }] },
      [
        ['DevicePolicy', 's', 'auto'],
        ['DeviceAllow', 'a(ss)', []],
      ],
    ],
  ])('%j', (resources, properties) => {
    expect(told(resources)).toEqual(properties);
  });

  it('tell every device that is allowed', () => {
    const rule = (type: 'a' | 'b' | 'c', major: number, minor: number, permissions: string) => ({
      type,
      major,
      minor,
      permissions,
    });
    const allowedDevices = [rule('c', 1, 3, 'rwm'), rule('b', 8, -1, 'r'), rule('c', -1, -1, 'm')];
    expect(told({ allowAllDevices: false, allowedDevices })).toEqual([
      ['DevicePolicy', 's', 'strict'],
      ['DeviceAllow', 'a(ss)', []],
      [
        'DeviceAllow',
        'a(ss)',
        [
          ['/dev/char/1:3', 'rwm'],
          ['block-8', 'r'],
          ['char-*', 'm'],
        ],
      ],
    ]);
    const procDevices = 'Character devices:\n  1 mem\n\nBlock devices:\n  8 sd\n259 blkext\n';
    const old = told(
      { allowAllDevices: false, allowedDevices: [rule('b', 8, -1, 'r')] },
      { ...v2, systemd: 239, procDevices },
    );
    expect(old.at(-1)).toEqual(['DeviceAllow', 'a(ss)', [['block-sd', 'r']]]);
    expect(deviceGroups(procDevices, 'char', 8)).toEqual([]);
  });

  it('have other names on v1, and some are not known to old versions', () => {
    const resources = { memory: 100, cpuShares: 5, blkioWeight: 50, pidsLimit: 3, memorySwap: 200 };
    expect(told(resources, { ...v2, version: 1 })).toEqual([
      ['MemoryLimit', 't', 100n],
      ['CPUShares', 't', 5n],
      ['BlockIOWeight', 't', 50n],
      ['TasksMax', 't', 3n],
    ]);
    expect(told({ cpusetCpus: '0', cpuPeriod: 5000, cpuIdle: 1 }, { ...v2, systemd: 240 })).toEqual([]);
  });

  it('are refused like files', () => {
    expect(() => told({ cpuShares: 1 })).toThrow('the minimum allowed cpu-shares is 2');
    expect(() => told({ cpusetCpus: '3-1' })).toThrow('cpusetCpus: "3-1" is no list of numbers');
  });
});

it('writes lists of CPUs as bits, the lowest byte first', () => {
  expect([...cpuBits('0-2,7', 'x')]).toEqual([0x87]);
  expect([...cpuBits('8, 17', 'x')]).toEqual([0, 1, 2]);
  for (const bad of ['', 'a', '1-', '-1', '5-2', '1,,x']) expect(() => cpuBits(bad, 'x')).toThrow('no list');
});

describe('annotations', () => {
  it.each<[string, string, readonly unknown[]]>([
    ['TimeoutStopUSec', 'uint64 123456789', ['TimeoutStopUSec', 't', 123456789n]],
    ['TimeoutStopSec', 'uint64 2', ['TimeoutStopUSec', 't', 2000000n]],
    ['TimeoutStopSec', '1.5', ['TimeoutStopUSec', 't', 1500000n]],
    ['CollectMode', "'inactive-or-failed'", ['CollectMode', 's', 'inactive-or-failed']],
    ['After', "['a.service', 'b.service']", ['After', 'as', ['a.service', 'b.service']]],
    ['SendSIGHUP', 'true', ['SendSIGHUP', 'b', true]],
    ['Nice', '-5', ['Nice', 'i', -5]],
  ])('%s %s', (name, text, expected) => {
    const [property] = annotationProperties({ [`org.systemd.property.${name}`]: text, other: 'x' });
    expect([property?.[0], property?.[1].signature, property?.[1].value]).toEqual(expected);
  });

  it.each([
    ['TimeoutStopUSec', 'uint64 x'],
    ['CollectMode', 'inactive'],
    ['After', "['a', 5]"],
    ['lower', 'true'],
    ['a/b', 'true'],
    ['TimeoutStopSec', "'x'"],
  ])('refuse %s %s', (name, text) => {
    expect(() => annotationProperties({ [`org.systemd.property.${name}`]: text })).toThrow(/ is no /);
  });
});

it('names scopes and slices', () => {
  expect(scopeName({ parent: 'docker', name: 'abc' })).toBe('docker-abc.scope');
  expect(scopeName({ name: 'a b' })).toBe('a\\x20b.scope');
  expect(scopeName({ parent: '/a/b/', name: '.c' })).toBe('a-b-\\x2ec.scope');
  expect(() => scopeName({ parent: 'x' })).toThrow('needs a name');
  expect(sliceName(undefined, 'system.slice')).toBe('system.slice');
  expect(sliceName('-', 'system.slice')).toBe('-.slice');
  for (const bad of ['x', 'a/b.slice', '.slice', '-a.slice', 'a--b.slice'])
    expect(() => sliceName(bad, '')).toThrow('is no slice');
});

it('finds buses', () => {
  const here = (sockets: readonly string[], env = {}) => ({
    env,
    uid: 1000,
    isSocket: (path: string) => sockets.includes(path),
  });
  expect(userBusAddress(here([]))).toBeUndefined();
  expect(userBusAddress(here(['/run/user/1000/bus']))).toBe('unix:path=/run/user/1000/bus');
  expect(userBusAddress(here(['/x/bus'], { XDG_RUNTIME_DIR: '/x' }))).toBe('unix:path=/x/bus');
  expect(userBusAddress(here([], { DBUS_SESSION_BUS_ADDRESS: 'unix:path=/y' }))).toBe('unix:path=/y');
  expect(systemBusAddress(here([]))).toBe('unix:path=/run/dbus/system_bus_socket');
  expect(socketPath('tcp:host=x;unix:guid=5,path=/a%20b')).toBe('/a b');
  expect(socketPath('unix:abstract=/x')).toBeUndefined();
});
