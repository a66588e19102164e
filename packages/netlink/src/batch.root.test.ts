import { expect, it } from 'vitest';
import { Sandbox } from './testing/sandbox.ts';

it('has one result for each call, whatever becomes of the others', () => {
  using sandbox = new Sandbox();
  const { nl } = sandbox;
  nl.links.add({ kind: 'bridge', ifname: 'br0', up: true });
  nl.addresses.add({ dev: 'br0', local: '10.0.0.1/24' });
  const results = nl.batch((b) => {
    for (let i = 0; i < 1000; i++) {
      b.routes.add({ dst: `10.${1 + (i >> 8)}.${i & 255}.0/24`, gateway: i % 10 === 7 ? '99.0.0.1' : '10.0.0.2' });
    }
    b.links.delete('nope');
    b.links.add({ kind: 'bridge', ifname: 'br0' });
    b.addresses.add({ dev: 'br0', local: '10.0.0.2/24' });
  });
  expect(results).toHaveLength(1003);
  results.slice(0, 1000).forEach((result, i) => {
    if (i % 10 === 7) expect(result).toMatchObject({ ok: false, error: { code: 'ENETUNREACH' } });
    else expect(result).toEqual({ ok: true });
  });
  expect(results[1000]).toMatchObject({ error: { code: 'ENODEV' } });
  expect(results[1001]).toMatchObject({ error: { code: 'EEXIST' } });
  expect(results[1002]).toEqual({ ok: true });
  expect(nl.routes.list({ family: 'inet' }).filter(({ gateway }) => gateway === '10.0.0.2')).toHaveLength(900);
});

it('survives more failures than fit a small buffer', () => {
  using sandbox = new Sandbox();
  const results = sandbox.nl.batch((b) => {
    for (let i = 0; i < 5000; i++) b.links.delete(`nope${i}`);
  });
  expect(results.every((result) => !result.ok && result.error.code === 'ENODEV')).toBe(true);
  expect(results.map((result) => (result.ok ? '' : result.error.request))).toEqual(
    Array.from({ length: 5000 }, (_, i) => `RTM_DELLINK nope${i}`),
  );
});

it('makes links of one batch ports and gives them addresses by an index of the caller', () => {
  using sandbox = new Sandbox();
  const results = sandbox.nl.batch((b) => {
    b.links.add({ kind: 'bridge', ifname: 'br0', ifindex: 100 });
    b.links.add({ kind: 'veth', ifname: 'v0', master: 100, peer: { ifname: 'v1' } });
    b.addresses.add({ dev: 100, local: '10.0.0.1/24' });
  });
  expect(results).toEqual([{ ok: true }, { ok: true }, { ok: true }]);
  expect(sandbox.nl.links.get('v0').master).toBe('br0');
  expect(sandbox.nl.addresses.list({ dev: 'br0' })).toHaveLength(1);
});

it('does nothing for nothing', () => {
  using sandbox = new Sandbox();
  expect(sandbox.nl.batch(() => {})).toEqual([]);
});
