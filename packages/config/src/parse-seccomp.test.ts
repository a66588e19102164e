import { describe, expect, it } from 'vitest';
import { ConfigError } from './error.ts';
import { parseSeccompProfile } from './parse-seccomp.ts';

describe('parseSeccompProfile', () => {
  it('reads a profile, with every digit of its numbers', () => {
    const text = `{
      "defaultAction": "SCMP_ACT_ERRNO",
      "archMap": [{ "architecture": "SCMP_ARCH_X86_64", "subArchitectures": ["SCMP_ARCH_X86", "SCMP_ARCH_X32"] }],
      "syscalls": [{
        "names": ["clone"], "action": "SCMP_ACT_ALLOW", "comment": "", "includes": {}, "excludes": { "caps": ["CAP_SYS_ADMIN"] },
        "args": [{ "index": 0, "value": 18446744073709551615, "valueTwo": 0, "op": "SCMP_CMP_MASKED_EQ" }]
      }]
    }`;
    expect(parseSeccompProfile(text)).toMatchObject({
      defaultAction: 'SCMP_ACT_ERRNO',
      syscalls: [{ names: ['clone'], args: [{ value: 2n ** 64n - 1n, valueTwo: 0 }] }],
    });
  });

  it('reads the object of a container.json', () => {
    const text = '{"syscalls":[{"value":"chown","action":1}]}';
    expect(parseSeccompProfile(text)).toEqual({ syscalls: [{ value: 'chown', action: 1 }] });
  });

  it('tells where something is wrong', () => {
    const text = '{"defaultAction":"SCMP_ACT_ALLOW",\n "syscals":[]}';
    expect(() => parseSeccompProfile(text)).toThrow(ConfigError);
    expect(() => parseSeccompProfile(text)).toThrow(/syscals.*syscalls/s);
  });
});
