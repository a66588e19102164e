import type { Config, Network } from '@nsinit/config';
import { describe, expect, it } from 'vitest';
import { checkNetworks } from './strategies.ts';

const own: Config = { rootfs: '/', namespaces: [{ type: 'NEWNET' }] };
const mapped: Config = { rootfs: '/', namespaces: [{ type: 'NEWNET' }, { type: 'NEWUSER' }] };
const joined: Config = { rootfs: '/', namespaces: [{ type: 'NEWNET', path: '/run/netns/blue' }] };

const check = (config: Config, networks: readonly Network[], empty = false) =>
  checkNetworks({ ...config, networks }, empty, 'checkpoint');

const veth: Network = { type: 'veth', bridge: 'br0' };

describe('networks of a checkpoint', () => {
  it.each<[string, Config, readonly Network[]]>([
    ['none', own, []],
    ['those that criu makes again', own, [{ type: 'loopback' }, veth, { type: 'macvlan', link: 'eth0' }]],
    ['a macvlan of a user namespace', mapped, [{ type: 'loopback' }, { type: 'macvlan', link: 'eth0' }]],
    ['loopback alone where the namespace is joined', joined, [{ type: 'loopback' }]],
  ])('may be %s', (_, config, networks) => {
    expect(() => check(config, networks)).not.toThrow();
  });

  it.each<[string, Config, Network, RegExp]>([
    ['an ipvlan', own, { type: 'ipvlan', link: 'eth0' }, /networks\[1\]: criu does not know an ipvlan/],
    ['a borrowed interface', own, { type: 'phys', link: 'eth1' }, /networks\[1\]: an interface that is borrowed/],
    ['a user network', own, { type: 'user' }, /networks\[1\]: a network of type user cannot be saved/],
    ['a veth of a user namespace', mapped, veth, /networks\[1\]: criu cannot make a veth of a container with a user/],
  ])('may be %s only when the namespace is left out', (_, config, network, message) => {
    const networks: readonly Network[] = [{ type: 'loopback' }, network];
    expect(() => check(config, networks)).toThrow(message);
    expect(() => check(config, networks)).toThrow(
      expect.objectContaining({ code: 'ConfigInvalid', field: 'networks[1]', hint: expect.stringMatching(/empty-ns/) }),
    );
    expect(() => check(config, networks, true)).not.toThrow();
  });

  it('are no part of it where the namespace is joined', () => {
    for (const empty of [false, true])
      expect(() => check(joined, [veth], empty)).toThrow(
        expect.objectContaining({
          field: 'networks[0]',
          hint: 'leave the interfaces of /run/netns/blue to whoever made it',
        }),
      );
  });
});
