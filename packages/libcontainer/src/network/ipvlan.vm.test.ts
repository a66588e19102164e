import { Netlink, NetworkNamespace } from '@nsinit/netlink';
import { invoke } from '@nsinit/syscall';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { exec, start, useSandbox } from '../testing/sandbox.ts';

// Not every kernel has this kind of link; that of the emulated machine does. The thread's own network namespace is the host.
invoke('unshare', { flags: ['CLONE_NEWNET'] });
const host = new Netlink();
const outside = NetworkNamespace.create();
const far = new Netlink({ netns: outside });
const box = useSandbox();

beforeAll(() => {
  host.links.add({ kind: 'veth', ifname: 'up0', up: true, peer: { ifname: 'far0', netns: outside } });
  far.links.set('far0', { up: true });
  far.addresses.add({ dev: 'far0', local: '192.0.2.2/24' });
});

afterAll(() => {
  far.close();
  outside.close();
  host.close();
});

it.each(['l2', 'l3'])('an ipvlan in mode %s is on the same cable as its link', async (mode) => {
  const networks = [{ type: 'ipvlan', link: 'up0', mode, address: '192.0.2.4/24' }];
  await box().using(box().config({ networks }), async (container) => {
    const { process: init } = await start(container, ['sleep', '100']);
    using inside = new Netlink({ netns: { pid: init.pid() } });
    expect(inside.links.get('eth0')).toMatchObject({ linkinfo: { info_kind: 'ipvlan', info_data: { mode } } });
    const script = 'for i in 1 2 3 4 5; do ping -c 1 -W 5 192.0.2.2 >/dev/null && echo reached && break; done';
    expect(await exec(container, ['sh', '-c', script])).toMatchObject({ stdout: 'reached\n' });
  });
  expect(host.links.list({ kind: 'ipvlan' })).toEqual([]);
});
