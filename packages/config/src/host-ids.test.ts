import { describe, expect, it } from 'vitest';
import { ConfigError } from './error.ts';
import { hostGid, hostUid, mapToHost } from './host-ids.ts';

const namespaces = [{ type: 'NEWUSER' }] as const;
const mappings = [{ containerId: 0, hostId: 1000, size: 1 }];

describe('host ids of root', () => {
  it('are 0 without a user namespace', () => {
    expect(hostUid({})).toBe(0);
    expect(hostGid({})).toBe(0);
  });

  it('are mapped in a user namespace', () => {
    expect(hostUid({ namespaces, uidMappings: mappings })).toBe(1000);
    expect(hostGid({ namespaces, gidMappings: mappings })).toBe(1000);
  });

  it.each([
    [() => hostUid({ namespaces }), 'uid_mappings: User namespaces enabled, but no user mappings found.'],
    [() => hostGid({ namespaces }), 'gid_mappings: User namespaces enabled, but no gid mappings found.'],
    [
      () => hostUid({ namespaces, uidMappings: [{ containerId: 1, hostId: 1, size: 1 }] }),
      'uid_mappings: User namespaces enabled, but no root user mapping found.',
    ],
    [
      () => hostGid({ namespaces, gidMappings: [] }),
      'gid_mappings: User namespaces enabled, but no root user mapping found.',
    ],
  ])('fail without a mapping', (call, message) => {
    expect(call).toThrow(ConfigError);
    expect(call).toThrow(message);
  });
});

describe('mapToHost', () => {
  it('counts within a map', () => {
    const maps = [...mappings, { containerId: 10, hostId: 5000, size: 5 }];
    expect([0, 1, 9, 10, 14, 15].map((id) => mapToHost(maps, id))).toEqual([
      1000,
      undefined,
      undefined,
      5000,
      5004,
      undefined,
    ]);
  });
});
