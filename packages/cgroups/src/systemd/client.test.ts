import { describe, expect, it } from 'vitest';
import { FakeSystemd } from '../testing/fake-systemd.ts';
import { SystemdClient } from './client.ts';

function pair(timeoutMs = 1000): readonly [FakeSystemd, SystemdClient] {
  const systemd = new FakeSystemd();
  return [systemd, new SystemdClient({ connect: () => systemd.connect(), timeoutMs })];
}

describe('a job', () => {
  it.each([true, false])('is awaited, whether its signal comes first: %s', async (signalFirst) => {
    const [systemd, client] = pair();
    systemd.signalFirst = signalFirst;
    await client.startTransientUnit('a.scope', []);
    await client.stopUnit('a.scope');
    expect(systemd.units.size).toBe(0);
  });

  it('that fails is an error', async () => {
    const [systemd, client] = pair();
    systemd.jobResult = 'failed';
    await expect(client.startTransientUnit('a.scope', [])).rejects.toMatchObject({
      type: 'JobFailed',
      message: expect.stringContaining('ended with "failed"'),
    });
  });
});

it('takes it that a unit to stop or to forget is not there', async () => {
  const [, client] = pair();
  await client.stopUnit('none.scope');
  await client.resetFailed('none.scope');
});

it('knows the version', async () => {
  const [systemd, client] = pair();
  expect(await client.version()).toBe(252);
  await client.version();
  expect(systemd.calls.filter(([member]) => member === 'Get Version')).toHaveLength(1);
});

it('connects again after the connection was lost', async () => {
  const [systemd, client] = pair();
  await client.startTransientUnit('a.scope', []);
  systemd.drop();
  await client.startTransientUnit('b.scope', []);
  expect(systemd.connections).toBe(2);
});

it('fails what waits when the connection is lost', async () => {
  const [systemd, client] = pair();
  systemd.silent = new Set(['StartTransientUnit']);
  await client.version();
  const starting = client.startTransientUnit('a.scope', []);
  setImmediate(() => systemd.drop());
  await expect(starting).rejects.toMatchObject({ type: 'org.freedesktop.DBus.Error.Disconnected' });
});

it('does not wait for ever', async () => {
  const [systemd, client] = pair(20);
  systemd.silent = new Set(['SetUnitProperties']);
  await expect(client.setProperties('a.scope', [])).rejects.toMatchObject({
    type: 'org.freedesktop.DBus.Error.NoReply',
  });
});

it('tries again to connect when the first time failed', async () => {
  const systemd = new FakeSystemd();
  let attempts = 0;
  const client = new SystemdClient({
    connect: () => {
      attempts += 1;
      return attempts === 1 ? Promise.reject(new Error('not yet')) : systemd.connect();
    },
  });
  await expect(client.version()).rejects.toThrow('not yet');
  expect(await client.version()).toBe(252);
});
