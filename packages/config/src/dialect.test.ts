import { describe, expect, it } from 'vitest';
import { detectDialect } from './dialect.ts';
import { fixture, SAMPLES } from './fixture.test.helper.ts';
import { parseJson } from './json/parse.ts';

describe('detectDialect', () => {
  it.each<readonly [string, string]>([
    ['2014-02-18', '2014-02-18'],
    ['2014-02-20-flat', '2014-02-20'],
    ['2014-02-20-readme', '2014-02-20'],
    ['2014-02-21', '2014-02-21'],
    ['2014-02-26-readme', '2014-02-26'],
    ['2014-03', '2014-03'],
    ['2014-05-05', '2014-05-05'],
    ['2014-05-17', '2014-05-17'],
    ['2014-07', '2014-07'],
    ...SAMPLES.map((name) => [name, '2015'] as const),
  ])('%s is %s', (name, dialect) => {
    expect(detectDialect(parseJson(fixture(name)))).toBe(dialect);
  });

  it.each([
    ['{}', '2015'],
    ['[]', '2015'],
    ['{"rootfs": "/r", "environment": []}', '2015'],
    ['{"rootfs": "/r", "namespaces": ["NEWNS"]}', '2014-02-18'],
    ['{"namespaces": ["NEWNS"], "mask_paths": []}', '2015'],
    ['{"namespaces": ["NEWNS"], "mounts": [{"device": "proc"}]}', '2015'],
    ['{"mounts": [{"source": "/a", "destination": "/b"}], "namespaces": ["NEWNS"]}', '2014-03'],
    ['{"namespaces": [{"type": "NEWNS"}], "restrict_sys": true}', '2014-07'],
    ['{"namespaces": [{"type": "NEWNS"}], "tty": true}', '2014-07'],
    ['{"namespaces": [{"type": "NEWNS"}], "networks": [{"veth_prefix": "v"}]}', '2014-07'],
    ['{"namespaces": {"NEWNS": true}, "mount_config": {}}', '2014-07'],
    ['{"capabilities_mask": ["KILL"], "namespaces": ["NEWNS"]}', '2014-03'],
    ['{"namespaces": [{"key": "NEWNS", "enabled": true}]}', '2014-03'],
    ['{"networks": [{"type": "veth", "context": {}}], "capabilities": ["KILL"]}', '2014-02-26'],
    ['{"networks": [{"type": "veth", "context": {}}], "routes": []}', '2014-05-17'],
    ['{"environment": [], "capabilities": ["KILL"]}', '2014-05-17'],
  ])('%s is %s', (text, dialect) => {
    expect(detectDialect(parseJson(text))).toBe(dialect);
  });
});
