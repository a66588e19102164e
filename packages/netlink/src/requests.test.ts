import { describe, expect, it } from 'vitest';
import { compileAddress } from './address/compile.ts';
import { nlm } from './constants/netlink.ts';
import { rtm } from './constants/rtnetlink.ts';
import { compileAdd, compileDelete, compileSet } from './link/compile.ts';
import { NeighbourChanges } from './neighbour/neighbours.ts';
import { RouteChanges } from './route/routes.ts';
import { RuleChanges } from './rule/rules.ts';
import type { Device, Transport } from './session.ts';
import type { Operation, Request } from './socket/request.ts';
import { recordedRequests } from './testing/fixtures.ts';
import { layoutOf } from './testing/layouts.ts';
import { Bytes } from './wire/bytes.ts';
import { splitMessages } from './wire/message.ts';

// What we send beside what `ip` sent for the same, message type, flags, header and attributes.

const { indexes, requests } = recordedRequests();

const resolve = (dev: Device): number => (typeof dev === 'number' ? dev : indexes[dev]!);

class Recorder implements Transport {
  operation: Operation | undefined;
  ifindex = resolve;
  perform(operation: Operation): void {
    this.operation = operation;
  }
}

function recordedBy(call: (transport: Transport) => void): Operation {
  const recorder = new Recorder();
  call(recorder);
  return recorder.operation!;
}

const address = (type: number, flags: number, local: string, broadcast?: string): Operation => ({
  requests: [compileAddress(type, flags, { dev: 'v0', local, ...(broadcast && { broadcast }) }, resolve)],
});

const ours: Readonly<Record<string, () => Operation>> = {
  'ip link add br7 type bridge stp_state 1 forward_delay 400': () =>
    compileAdd({ kind: 'bridge', ifname: 'br7', data: { stp_state: 1, forward_delay: 400 } }, resolve),
  'ip link add h0 mtu 1400 type veth peer name h1 mtu 1300 txqueuelen 9': () =>
    compileAdd({ kind: 'veth', ifname: 'h0', mtu: 1400, peer: { ifname: 'h1', mtu: 1300, txqlen: 9 } }, resolve),
  'ip link set dev v0 up': () => compileSet(resolve('v0'), { up: true }, resolve),
  'ip link set dev v0 mtu 1400': () => compileSet(resolve('v0'), { mtu: 1400 }, resolve),
  'ip link add link v0 name mv0 type macvlan mode private': () =>
    compileAdd({ kind: 'macvlan', ifname: 'mv0', link: 'v0', data: { mode: 'private' } }, resolve),
  'ip addr add 10.5.0.1/16 broadcast 10.5.255.255 dev v0': () =>
    address(rtm.RTM_NEWADDR, nlm.NLM_F_CREATE | nlm.NLM_F_EXCL, '10.5.0.1/16', '+'),
  'ip addr del 10.5.0.1/16 dev v0': () => address(rtm.RTM_DELADDR, 0, '10.5.0.1/16'),
  'ip route add 10.6.0.0/16 via 10.0.0.2 src 10.0.0.1 metric 7': () =>
    recordedBy((t) =>
      new RouteChanges(t).add({ dst: '10.6.0.0/16', gateway: '10.0.0.2', prefsrc: '10.0.0.1', metric: 7 }),
    ),
  'ip route add 10.7.0.0/16 nexthop via 10.0.0.2 weight 2 nexthop via inet6 fe80::3 dev v0': () =>
    recordedBy((t) =>
      new RouteChanges(t).add({
        dst: '10.7.0.0/16',
        nexthops: [
          { gateway: '10.0.0.2', weight: 2 },
          { gateway: 'fe80::3', dev: 'v0' },
        ],
      }),
    ),
  'ip route add 10.8.0.0/16 via inet6 fe80::5 dev v0': () =>
    recordedBy((t) => new RouteChanges(t).add({ dst: '10.8.0.0/16', gateway: 'fe80::5', dev: 'v0' })),
  'ip route add blackhole 10.9.0.0/16 table 1000': () =>
    recordedBy((t) => new RouteChanges(t).add({ dst: '10.9.0.0/16', type: 'blackhole', table: 1000 })),
  'ip route del 10.6.0.0/16': () => recordedBy((t) => new RouteChanges(t).delete({ dst: '10.6.0.0/16' })),
  'ip rule add from 10.0.0.0/8 fwmark 16/255 table 1000 pref 2000': () =>
    recordedBy((t) =>
      new RuleChanges(t).add({ src: '10.0.0.0/8', fwmark: 16, fwmask: 255, table: 1000, priority: 2000 }),
    ),
  'ip neigh add 10.0.0.8 lladdr 02:00:00:00:00:08 dev v0': () =>
    recordedBy((t) => new NeighbourChanges(t).add({ dev: 'v0', dst: '10.0.0.8', lladdr: '02:00:00:00:00:08' })),
};

function decoded(type: number, payload: Uint8Array): unknown {
  return layoutOf(type).decode(new Bytes(payload), 0, payload.length);
}

const only = ({ requests: [request, ...others] }: Operation): Request => {
  expect(others).toEqual([]);
  return request!;
};

describe('is what ip sends', () => {
  it.each(Object.entries(ours))('%s', (command, make) => {
    const golden = Buffer.from(requests.find((own) => own.command === command)!.request, 'hex');
    const [message] = splitMessages(golden);
    const { type, flags, payload } = only(make());
    expect(type).toBe(message!.type);
    // `ip` asks for an acknowledgement of each; we of the last one.
    expect(flags | nlm.NLM_F_REQUEST | nlm.NLM_F_ACK).toBe(message!.flags);
    expect(decoded(type, payload)).toEqual(decoded(type, golden.subarray(16)));
  });
});

it('byte for byte, where there is one way to write it', () => {
  const bytes = (command: string): string => requests.find((own) => own.command === command)!.request.slice(32);
  for (const command of ['ip link set dev v0 mtu 1400', 'ip link set dev v0 up', 'ip addr del 10.5.0.1/16 dev v0'])
    expect(Buffer.from(only(ours[command]!()).payload).toString('hex')).toBe(bytes(command));
});

it('finds a link by its name without asking for its index', () => {
  const { type, payload } = only(compileDelete('v0'));
  expect(type).toBe(rtm.RTM_DELLINK);
  expect(decoded(type, payload)).toMatchObject({ header: { index: 0 }, attributes: { ifname: 'v0' } });
  const long = only(compileDelete('an-alternative-name'));
  expect(decoded(type, long.payload)).toMatchObject({ attributes: { alt_ifname: 'an-alternative-name' } });
});

it('changes no flag that was not asked for', () => {
  for (const change of [{ mtu: 1400 }, { address: '02:00:00:00:00:01' }, { ifname: 'new' }, { master: null }]) {
    const { type, payload } = only(compileSet('v0', change, resolve));
    expect(decoded(type, payload)).toMatchObject({ header: { flags: [], change: 0 } });
  }
});
