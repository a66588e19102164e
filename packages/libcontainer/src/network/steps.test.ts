import type { Network } from '@nsinit/config';
import { describe, expect, it } from 'vitest';
import { needsNetwork, planNetwork } from './network.ts';

const plan = (...networks: readonly Network[]) => planNetwork({ rootfs: '/', networks });

describe('the plan of a network', () => {
  it('is empty for loopback, which the process brings up itself', async () => {
    expect(await plan({ type: 'loopback' })).toEqual([]);
    expect(needsNetwork({ rootfs: '/', networks: [{ type: 'loopback' }] })).toBe(false);
    expect(needsNetwork({ rootfs: '/', routes: [{ gateway: '10.0.0.1' }] })).toBe(true);
  });

  it('shows each step as a command, with its reason', async () => {
    const network: Network = {
      type: 'veth',
      bridge: 'br0',
      address: '10.0.0.2/24',
      gateway: '10.0.0.1',
      ipv6Address: 'fd00::2/64',
      mtu: 1400,
      hostInterfaceName: 'veth0',
      hairpinMode: true,
    };
    expect(
      await planNetwork({
        rootfs: '/',
        networks: [{ type: 'loopback' }, network],
        routes: [{ destination: '10.1.0.0/16', source: '10.0.0.2/24', interfaceName: 'eth0' }],
      }),
    ).toEqual([
      {
        field: 'networks[1]',
        what: 'make the interface',
        text: 'ip link add veth0 mtu 1400 master br0 up type veth peer name eth0 netns PID mtu 1400 && bridge link set dev veth0 hairpin on',
      },
      {
        field: 'networks[1]',
        what: 'configure the interface',
        text: 'nsenter -n -t PID ip addr replace 10.0.0.2/24 broadcast + dev eth0 && nsenter -n -t PID ip addr replace fd00::2/64 dev eth0 nodad && nsenter -n -t PID ip link set eth0 up && nsenter -n -t PID ip route add default via 10.0.0.1 dev eth0',
      },
      {
        field: 'routes[0]',
        what: 'add the route',
        text: 'nsenter -n -t PID ip route add 10.1.0.0/16 dev eth0 src 10.0.0.2',
      },
    ]);
  });

  it('shows the program that makes a user network, which forwards nothing by itself', async () => {
    const ports = [
      { hostPort: 8080, containerPort: 80 },
      { protocol: 'udp', hostAddress: '127.0.0.1', hostPort: 53, containerPort: 5353 },
    ];
    const settings = { mtu: 1400, address: '10.0.0.2/24', gateway: '10.0.0.1', dns: '10.0.0.3' };
    expect(needsNetwork({ rootfs: '/', networks: [{ type: 'user' }] })).toBe(true);
    expect(await plan({ type: 'user', ports, ...settings })).toEqual([
      {
        field: 'networks[0]',
        what: 'start the program of the network, and wait for it',
        text: 'pasta --foreground --quiet --config-net --pid READY --ns-ifname eth0 --mtu 1400 --address 10.0.0.2 --netmask 24 --gateway 10.0.0.1 --dns-forward 10.0.0.3 --no-map-gw --tcp-ports 8080:80 --udp-ports 127.0.0.1/53:5353 --tcp-ns none --udp-ns none PID',
      },
    ]);
    const [slirp] = await plan({ type: 'user', program: 'slirp4netns', name: 'tap0', hostLoopback: true, ports });
    expect(slirp?.text).toBe(
      `slirp4netns --configure --enable-sandbox --enable-seccomp --ready-fd=3 --api-socket=/proc/self/fd/4/slirp4netns.sock PID tap0 && echo '{"execute":"add_hostfwd","arguments":{"proto":"tcp","host_addr":"0.0.0.0","host_port":8080,"guest_port":80}}' | nc -U slirp4netns.sock && echo '{"execute":"add_hostfwd","arguments":{"proto":"udp","host_addr":"127.0.0.1","host_port":53,"guest_port":5353}}' | nc -U slirp4netns.sock`,
    );
  });

  it('makes all interfaces before it configures one', async () => {
    const steps = await plan(
      { type: 'macvlan', link: 'up0', macAddress: '02:00:00:00:00:01' },
      { type: 'ipvlan', link: 'up0', name: 'eth1', mode: 'l3' },
      { type: 'phys', link: 'nic0', mtu: 9000 },
      { type: 'veth', name: 'eth2' },
    );
    expect(steps.map(({ text }) => text)).toEqual([
      'ip link add movedXXXXXXXXXX link up0 address 02:00:00:00:00:01 type macvlan mode bridge && ip link set movedXXXXXXXXXX netns PID name eth0',
      'ip link add movedXXXXXXXXXX link up0 type ipvlan mode l3 && ip link set movedXXXXXXXXXX netns PID name eth1',
      'ip link set nic0 mtu 9000 netns PID name nic0',
      'ip link add vethXXXXXXXXXXX up type veth peer name eth2 netns PID',
      ...['eth0', 'eth1', 'nic0', 'eth2'].map((dev) => `nsenter -n -t PID ip link set ${dev} up`),
    ]);
  });

  it('shows a bridge that is made, and what is masqueraded', async () => {
    const [bridge] = await plan({
      type: 'veth',
      bridge: 'br0',
      createBridge: true,
      masquerade: true,
      address: '10.0.0.2/24',
      gateway: '10.0.0.1',
      ipv6Address: 'fd00::2/64',
      ipv6Gateway: 'fd00::1',
    });
    expect(bridge).toEqual({
      field: 'networks[0].create_bridge',
      what: 'make the bridge, unless it is there',
      text: `ip link add br0 up type bridge && ip addr add 10.0.0.1/24 dev br0 && ip addr add fd00::1/64 dev br0 && nft 'table inet nsinit-br0 { chain postrouting { type nat hook postrouting priority srcnat; iifname "br0" oifname != "br0" masquerade; }; }'`,
    });
  });
});
