import { describe, expect, it } from 'vitest';
import type { Config } from '../config.ts';
import { problemText } from '../error.ts';
import { template } from '../template.ts';
import { findProblems } from './validate.ts';

const base = template({ rootfs: '/srv/busybox' });
const texts = (changes: Partial<Config>): readonly string[] => findProblems({ ...base, ...changes }).map(problemText);

describe('networks', () => {
  it.each<readonly [Partial<Config>, readonly string[]]>([
    [{ networks: [{ type: 'vet' }] }, ['networks[0].type: unknown network type "vet" (did you mean "veth"?)']],
    [
      { networks: [{ type: 'veth', name: 'a/b', bridge: '..', hostInterfaceName: 'x'.repeat(16) }] },
      [
        'networks[0].name: "a/b" is not a name of an interface',
        'networks[0].bridge: ".." is not a name of an interface',
        'networks[0].host_interface_name: "xxxxxxxxxxxxxxxx" is longer than 15 bytes',
      ],
    ],
    [
      { networks: [{ type: 'user', program: 'psta', ports: [{ hostPort: 80, containerPort: 80 }] }] },
      ['networks[0].program: unknown program "psta" (did you mean "pasta"?)'],
    ],
    [
      {
        networks: [
          { type: 'user', program: 'slirp4netns', dns: '10.0.0.1', ipv6Gateway: 'fd00::1', bridge: 'br0' },
          { type: 'user', name: 'eth1' },
        ],
        namespaces: base.namespaces!.map((one) =>
          one.type === 'NEWNET' ? { ...one, path: '/proc/self/ns/net' } : one,
        ),
      },
      [
        'networks[0].bridge: a network of the type user has none: it belongs to veth',
        'networks[0].ipv6_gateway: a network of the type user has none: it belongs to veth, macvlan, ipvlan, phys',
        'networks[0].type: a network of the type user needs a network namespace of its own (NEWNET without path)',
        'networks[0].dns: slirp4netns has addresses of its own (10.0.2.100, .2 and .3): leave it out, or take pasta',
        'networks[1].type: a network of the type user needs a network namespace of its own (NEWNET without path)',
        'networks: a container has one network of the type user at most',
      ],
    ],
    [
      {
        networks: [
          {
            type: 'user',
            dns: 'x',
            ports: [
              { hostPort: 80, containerPort: 80 },
              { hostPort: 80, containerPort: 81, protocol: 'udp' },
              { hostPort: 80, containerPort: 82, protocol: 'tcp' },
              { hostPort: 81, containerPort: 82, protocol: 'icmp', hostAddress: '::1' },
            ],
          },
        ],
      },
      [
        'networks[0].dns: "x" is not an IPv4 address',
        'networks[0].ports[2].host_port: 80 is that of ports[0] as well',
        'networks[0].ports[3].protocol: unknown protocol "icmp"',
        'networks[0].ports[3].host_address: "::1" is not an IPv4 address',
      ],
    ],
    [
      { networks: [{ type: 'macvlan', mode: 'brige' }] },
      [
        'networks[0].link: an interface of the host is required',
        'networks[0].mode: unknown mode of macvlan "brige" (did you mean "bridge"?)',
      ],
    ],
    [
      { networks: [{ type: 'ipvlan', link: 'eth0', mode: 'l3', macAddress: '02:00:00:00:00:01', bridge: 'br0' }] },
      [
        'networks[0].bridge: a network of the type ipvlan has none: it belongs to veth',
        'networks[0].mac_address: an ipvlan has the address of its link',
      ],
    ],
    [
      { networks: [{ type: 'phys', link: 'eth1', createBridge: true, mode: 'l2' }] },
      [
        'networks[0].create_bridge: a network of the type phys has none: it belongs to veth',
        'networks[0].mode: a network of the type phys has none: it belongs to macvlan, ipvlan',
      ],
    ],
    [
      { networks: [{ type: 'veth', createBridge: true, masquerade: true, hairpinMode: true }] },
      [
        'networks[0].create_bridge: a bridge is required',
        'networks[0].masquerade: a bridge is required',
        'networks[0].hairpin_mode: a bridge is required',
      ],
    ],
    [
      { networks: [{ type: 'veth', bridge: 'br0', masquerade: true }] },
      ['networks[0].masquerade: create_bridge is required: the rule comes and goes with the bridge'],
    ],
    [
      {
        networks: [
          { type: 'veth', macAddress: '01:00:5e:00:00:01' },
          { type: 'veth', name: 'b', macAddress: '2:4' },
        ],
      },
      [
        'networks[0].mac_address: Multicast MAC Address is not supported: 01:00:5e:00:00:01',
        'networks[1].mac_address: "2:4" is not an Ethernet address',
      ],
    ],
    [
      { networks: [{ type: 'veth', address: '10.0.0.2', gateway: '10.0.0.256', ipv6Address: '10.0.0.2/24' }] },
      [
        'networks[0].address: "10.0.0.2" is not an IPv4 address with prefix length, as 10.0.0.2/24',
        'networks[0].gateway: "10.0.0.256" is not an IPv4 address',
        'networks[0].ipv6_address: "10.0.0.2/24" is not an IPv6 address with prefix length, as fd00::2/64',
      ],
    ],
    [{ networks: [{ type: 'veth', address: '10.0.0.2/33' }] }, [expect.stringMatching(/^networks\[0\].address: /)]],
    [
      { networks: [{ type: 'veth' }, { type: 'macvlan', link: 'eth1', name: 'eth0' }] },
      ['networks[1].name: "eth0" is the name of networks[0] as well'],
    ],
    [{ networks: [{ type: 'veth' }, { type: 'phys', link: 'eth1' }, { type: 'loopback', gateway: 'localhost' }] }, []],
    [{ routes: [{ interfaceName: 'eth0' }] }, ['routes[0]: one of destination, source and gateway is required']],
    [
      { routes: [{ destination: '10.0.0.0/33', source: 'here', gateway: '10.0.0.1/24' }] },
      [
        "routes[0].destination: destination CIDR 10.0.0.0/33 couldn't be parsed",
        "routes[0].source: source IP here couldn't be parsed",
        "routes[0].gateway: gateway IP 10.0.0.1/24 couldn't be parsed",
      ],
    ],
    [
      {
        routes: [
          { destination: '10.0.0.0/8', gateway: 'fd00::1' },
          { destination: 'default', gateway: 'fd00::1' },
        ],
      },
      ['routes[0]: gateway, source, and destination ip were not the same IP family'],
    ],
    [{ routes: [{ destination: 'fd00::/8', source: 'fd00::2/64' }, { destination: '10.1.2.3' }] }, []],
  ])('%j', (changes, expected) => {
    expect(texts(changes)).toEqual(expected);
  });
});
