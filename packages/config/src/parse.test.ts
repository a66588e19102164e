import { describe, expect, it } from 'vitest';
import { ConfigError, type Problem } from './error.ts';
import { type ParseOptions, parseConfig } from './parse.ts';

const problems = (text: string, options: ParseOptions = {}): readonly Problem[] => {
  try {
    parseConfig(text, options);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  throw new Error(`accepted ${text}`);
};

describe('parseConfig', () => {
  it('reports every problem of a text with its place', () => {
    const text = `{
  "rootfs": "/r",
  "hostnmae": "a",
  "mounts": [
    {"destination": "/a", "device": "tmpfs", "flag": 1},
    {"device": 3}
  ],
  "cgroups": {"memory": "1G", "cpu_share": 3},
  "environment": ["A=b"],
  "namespaces": [{"type": "NEWNT"}]
}`;
    expect(problems(text)).toEqual([
      { path: 'hostnmae', message: 'unknown key', suggestion: 'hostname', line: 3, column: 3 },
      { path: 'mounts[0].flag', message: 'unknown key', suggestion: 'flags', line: 5, column: 46 },
      { path: 'mounts[1].device', message: 'expected a string, found 3', line: 6, column: 16 },
      { path: 'mounts[1].destination', message: 'a value is required', line: 6, column: 5 },
      { path: 'cgroups.memory', message: 'expected an integer, found "1G"', line: 8, column: 25 },
      { path: 'cgroups.cpu_share', message: 'unknown key', suggestion: 'cpu_shares', line: 8, column: 31 },
      { path: 'environment', message: 'unknown key', suggestion: 'process.env', line: 9, column: 3 },
      {
        path: 'namespaces[0].type',
        message: expect.stringContaining('unknown value "NEWNT"') as string,
        suggestion: 'NEWNET',
        line: 10,
        column: 27,
      },
    ]);
  });

  it('makes one message of them', () => {
    expect(() => parseConfig('{"rootfs":"/r","hostnam":"a","umask":true}')).toThrow(
      'line 1, column 16: hostnam: unknown key (did you mean "hostname"?)\n' +
        'line 1, column 38: umask: expected an integer, found true',
    );
  });

  it.each([
    ['{"rootfs":"/r","rootfs":"/s"}', 'rootfs', 'this key occurs twice'],
    ['{"rootfs":"/r","system_properties":{"a.b":"1","a.b":"2"}}', 'system_properties["a.b"]', 'this key occurs twice'],
    ['{"rootfs":"/r","capabilities":true}', 'capabilities', 'expected a list or an object with sets, found true'],
    ['{"rootfs":"/r","umask":1.5}', 'umask', 'expected an integer without fraction and exponent, found 1.5'],
    ['{"rootfs":"/r","hostname":["a"]}', 'hostname', 'expected a string, found a list'],
    ['{"rootfs":"/r","mounts":{}}', 'mounts', 'expected a list, found an object'],
    ['{"rootfs":"/r","cgroups":[]}', 'cgroups', 'expected an object, found a list'],
    ['{"rootfs":"/r","readonlyfs":1}', 'readonlyfs', 'expected true or false, found 1'],
    ['{"rootfs":"/r","rlimits":[{"type":7,"soft":1}]}', 'rlimits[0].hard', 'a value is required'],
    [
      '{"rootfs":"/r","rlimits":[{"type":7,"soft":18446744073709551616,"hard":0}]}',
      'rlimits[0].soft',
      '18446744073709551616 is out of range, expected 0 to 18446744073709551615',
    ],
    ['{"rootfs":"/r","rlimits":[{"type":"NOFILES","soft":0,"hard":0}]}', 'rlimits[0].type', /unknown resource limit/],
    ['{"rootfs":"/r","devices":[{"type":1,"path":"/dev/a"}]}', 'devices[0].type', /unknown device type 1/],
    ['{"rootfs":"/r","seccomp":{"syscalls":[{"value":"","action":1}]}}', 'seccomp.syscalls[0].value', /is empty/],
    ['{"rootfs":"/r","seccomp":"midium"}', 'seccomp', /unknown value "midium"/],
    ['{"rootfs":"/r","seccomp":{"defaultAction":"SCMP_ACT_ALOW"}}', 'seccomp.defaultAction', /unknown value/],
    [
      '{"rootfs":"/r","seccomp":{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"nams":[],"action":"SCMP_ACT_LOG"}]}}',
      'seccomp.syscalls[0].nams',
      /unknown key/,
    ],
    ['{}', 'rootfs', 'a value is required: the path of the root file system'],
    ['[]', '', 'expected an object, found a list'],
    ['{"__proto__":1,"rootfs":"/r"}', '__proto__', 'unknown key'],
    ['{"constructor":1,"rootfs":"/r"}', 'constructor', 'unknown key'],
  ])('refuses %s', (text, path, message) => {
    const [first, ...rest] = problems(text);
    expect(rest).toEqual([]);
    expect(first).toMatchObject({
      path,
      message: message instanceof RegExp ? expect.stringMatching(message) : message,
    });
  });

  it('keeps 64-bit integers exactly', () => {
    const { config } = parseConfig(
      '{"rootfs":"/r","rlimits":[{"type":"NOFILE","soft":9007199254740993,"hard":18446744073709551615}],' +
        '"cgroups":{"memory":9223372036854771712,"memory_swap":-1}}',
    );
    expect(config.rlimits).toEqual([{ type: 'RLIMIT_NOFILE', soft: 9007199254740993n, hard: 18446744073709551615n }]);
    expect(config.cgroups).toEqual({ memory: 9223372036854771712n, memorySwap: -1 });
  });

  it('tells null and the empty values of the original from values', () => {
    const { config } = parseConfig(
      '{"rootfs":"/r","hostname":"","parent_death_signal":0,"mounts":null,"uid_mappings":[],"umask":0,' +
        '"oom_score_adj":0,"privatefs":false,"cgroups":{"memory":0,"memory_swappiness":0,"freezer":""}}',
    );
    expect(config).toEqual({
      rootfs: '/r',
      uidMappings: [],
      umask: 0,
      oomScoreAdj: 0,
      privateFs: false,
      cgroups: { memorySwappiness: 0 },
    });
  });

  it('reads the quota and the real-time limits apart', () => {
    const text = '{"rootfs":"/r","cgroups":{"cpu_quota":1,"cpu_period":2,"cpu_rt_runtime":3,"cpu_rt_period":4}}';
    expect(parseConfig(text).config.cgroups).toEqual({ cpuQuota: 1, cpuPeriod: 2, cpuRtRuntime: 3, cpuRtPeriod: 4 });
  });

  it('takes letters for device kinds, and capability names in any form', () => {
    const { config } = parseConfig(
      '{"rootfs":"/r","devices":[{"type":"p","path":"/a"}],"capabilities":{"bounding":["kill","CAP_CHOWN"]},' +
        '"cgroups":{"denied_devices":[{"type":"a","major":-1,"minor":-1,"permissions":"rwm"}]}}',
    );
    expect(config.devices).toEqual([{ type: 'p', path: '/a', major: 0, minor: 0, permissions: '' }]);
    expect(config.capabilities).toEqual({ bounding: ['CAP_KILL', 'CAP_CHOWN'] });
    expect(config.cgroups?.deniedDevices?.[0]?.type).toBe('a');
  });

  it('uses the given root file system only where the file has none', () => {
    expect(parseConfig('{}', { rootfs: '/given' }).config.rootfs).toBe('/given');
    expect(parseConfig('{"rootfs":"/own"}', { rootfs: '/given' }).config.rootfs).toBe('/own');
  });

  it('uses the given dialect', () => {
    const text = '{"capabilities":["KILL"],"namespaces":["NEWNS"]}';
    const read = (dialect: '2014-02-26' | '2014-05-17') =>
      parseConfig(text, { rootfs: '/r', dialect }).config.capabilities;
    expect(read('2014-02-26')).not.toContain('CAP_KILL');
    expect(read('2014-05-17')).toEqual(['CAP_KILL']);
    expect(problems(text, { rootfs: '/r', dialect: '2015' })).toHaveLength(1);
  });

  it('takes the keys of the record as they are', () => {
    const text = '{"rootfs":"/r","system_properties":{"__proto__":"1","net.ipv4.ip_forward":"1"}}';
    expect(Object.entries(parseConfig(text).config.systemProperties ?? {})).toEqual([
      ['__proto__', '1'],
      ['net.ipv4.ip_forward', '1'],
    ]);
  });
});
