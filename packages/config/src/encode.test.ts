import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { configArbitrary } from './config-arbitrary.test.helper.ts';
import { encodeConfig } from './encode.ts';
import { parseConfig } from './parse.ts';
import { RLIM_INFINITY } from './rlimit.ts';

describe('encodeConfig', () => {
  it('loses nothing', () => {
    fc.assert(
      fc.property(configArbitrary, fc.constantFrom('', '\t'), (config, indent) => {
        const parsed = parseConfig(encodeConfig(config, indent), { dialect: '2015' });
        expect(parsed.config).toEqual(config);
        expect(parsed.notes).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  it('writes the keys and codes of the original', () => {
    const text = encodeConfig(
      {
        rootfs: '/r',
        readonlyFs: true,
        privateFs: false,
        devices: [{ type: 'b', path: '/dev/sda', major: 8, minor: 0, permissions: 'rwm', fileMode: 0o600 }],
        capabilities: ['cap_chown', 'KILL'],
        networks: [{ type: 'veth', txQueueLen: 100, ipv6Address: 'fd00::1/64' }],
        cgroups: { cpuQuota: 1, cpuPeriod: 2, cpuRtRuntime: 3, cpuRtPeriod: 4, blkioThrottleReadIopsDevice: '8:0 1' },
        rlimits: [{ type: 7, soft: 1024, hard: RLIM_INFINITY }],
      },
      '',
    );
    expect(text).toBe(
      '{"rootfs":"/r","readonlyfs":true,"privatefs":false,"devices":[{"type":98,"path":"/dev/sda","major":8,"minor":0,' +
        '"permissions":"rwm","file_mode":384}],"capabilities":["CHOWN","KILL"],"networks":[{"type":"veth",' +
        '"ipv6_address":"fd00::1/64","txqueuelen":100}],"cgroups":{"cpu_quota":1,"cpu_period":2,"cpu_rt_runtime":3,' +
        '"cpu_rt_period":4,"blkio_throttle_read_iops_device":"8:0 1"},' +
        '"rlimits":[{"type":7,"hard":18446744073709551615,"soft":1024}]}',
    );
  });

  it('refuses an integer that has lost digits', () => {
    expect(() => encodeConfig({ rootfs: '/r', cgroups: { memory: 2 ** 60 } })).toThrow('use a bigint');
  });
});
