import { readdirSync, readFileSync } from 'node:fs';
import { type Config, parseConfig, template, validate } from '@nsinit/libcontainer';
import { expect, test } from 'vitest';

const dir = new URL('sample_configs/', import.meta.url);
const names = readdirSync(dir);
const read = (path: string | URL) => parseConfig(readFileSync(path, 'utf8'), { rootfs: '/srv/busybox' });

test('there are samples', () => {
  expect(names).toContain('minimal.json');
});

test.for(names)('%s is understood without a remark and makes sense', (name) => {
  const { config, dialect, notes } = read(new URL(name, dir));
  expect(dialect).toBe('2015');
  expect(notes).toEqual([]);
  expect(() => validate(config)).not.toThrow();
});

test('minimal.json is the template with a limit of open files', () => {
  const { config } = read(new URL('minimal.json', dir));
  const expected = template({ rootfs: '/srv/busybox', cgroupName: 'sample' });
  expect(new Set(config.mounts?.map(({ destination }) => destination))).toEqual(
    new Set(expected.mounts?.map(({ destination }) => destination)),
  );
  expect(config.namespaces).toEqual(expected.namespaces);
  expect(config.maskPaths).toEqual(expected.maskPaths);
  expect(config.readonlyPaths).toEqual(expected.readonlyPaths);
  expect(config.devices).toEqual(expected.devices);
  const rules = ({ cgroups }: Config) =>
    cgroups?.allowedDevices?.map(({ type, major, minor, permissions }) => [type, major, minor, permissions]);
  expect(rules(config)).toEqual(rules(expected));
});

test("the demo's configuration makes sense", () => {
  const { config } = read(new URL('demo/container.json', import.meta.url));
  expect(() => validate(config)).not.toThrow();
});
