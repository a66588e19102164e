import { expect, it } from 'vitest';
import { statsJson } from './stats-json.ts';

it('has the keys of the original, tabs, and every digit', () => {
  const largest = 18446744073709551615n;
  const counters = { rxBytes: largest, rxPackets: 2n, rxErrors: 0n, rxDropped: 0n };
  const text = statsJson({
    interfaces: [{ name: 'veth0', ...counters, txBytes: 1n, txPackets: 1n, txErrors: 0n, txDropped: 0n }],
    cgroupStats: { memory: { usage: { usage: 4096n, failcnt: 0n, limit: largest } }, pids: { current: 1n } },
  });
  const lines = [
    '{',
    '\t"Interfaces": [',
    '\t\t{',
    '\t\t\t"Name": "veth0",',
    '\t\t\t"RxBytes": 18446744073709551615,',
    '\t\t\t"RxPackets": 2,',
    '\t\t\t"RxErrors": 0,',
    '\t\t\t"RxDropped": 0,',
    '\t\t\t"TxBytes": 1,',
    '\t\t\t"TxPackets": 1,',
    '\t\t\t"TxErrors": 0,',
    '\t\t\t"TxDropped": 0',
    '\t\t}',
    '\t],',
    '\t"CgroupStats": {',
    '\t\t"memory_stats": {',
    '\t\t\t"usage": {',
    '\t\t\t\t"usage": 4096,',
    '\t\t\t\t"failcnt": 0,',
    '\t\t\t\t"limit": 18446744073709551615',
    '\t\t\t}',
    '\t\t},',
    '\t\t"pids_stats": {',
    '\t\t\t"current": 1',
    '\t\t}',
    '\t}',
    '}',
  ];
  expect(text).toBe(lines.join('\n'));
});

it('has no interfaces without any', () => {
  expect(JSON.parse(statsJson({ interfaces: [], cgroupStats: {} }))).toEqual({ Interfaces: [], CgroupStats: {} });
});
