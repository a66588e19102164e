import { readFileSync } from 'node:fs';
import { type Config, parseConfig } from '@nsinit/config';
import { Netlink } from '@nsinit/netlink';
import { invoke } from '@nsinit/syscall';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { useSandbox } from './testing/sandbox.ts';

// The samples count on a host with Docker's bridge: the thread's own network namespace is that host.
invoke('unshare', { flags: ['CLONE_NEWNET'] });
const host = new Netlink();

const box = useSandbox();

beforeAll(() => {
  host.links.add({ kind: 'bridge', ifname: 'docker0', up: true });
  host.addresses.add({ dev: 'docker0', local: '172.17.42.1/16' });
});

afterAll(() => host.close());

/** The sample of the first README of the original, 2014-02-20, as it was printed there: on one line. */
const february20 =
  '{ "hostname": "koye", "environment": [ "HOME=/", "PATH=PATH=$PATH:/bin:/usr/bin:/sbin:/usr/sbin", "container=docker", "TERM=xterm-256color" ], "namespaces": [ "NEWIPC", "NEWNS", "NEWPID", "NEWUTS", "NEWNET" ], "capabilities": [ "SETPCAP", "SYS_MODULE", "SYS_RAWIO", "SYS_PACCT", "SYS_ADMIN", "SYS_NICE", "SYS_RESOURCE", "SYS_TIME", "SYS_TTY_CONFIG", "MKNOD", "AUDIT_WRITE", "AUDIT_CONTROL", "MAC_OVERRIDE", "MAC_ADMIN" ], "network": { "address": "172.17.0.100/16", "gateway": "172.17.42.1", "bridge": "docker0", "mtu": 1500 }, "cgroups": { "name": "docker-koye", "parent": "docker", "memory": 524800 } }';

/** That of a week later, with several networks. */
const february26 = `{
    "hostname": "koye",
    "tty": true,
    "environment": [
        "HOME=/",
        "PATH=PATH=$PATH:/bin:/usr/bin:/sbin:/usr/sbin",
        "container=docker",
        "TERM=xterm-256color"
    ],
    "namespaces": [
        "NEWIPC",
        "NEWNS",
        "NEWPID",
        "NEWUTS",
        "NEWNET"
    ],
    "capabilities": [
        "SETPCAP",
        "SYS_MODULE",
        "SYS_RAWIO",
        "SYS_PACCT",
        "SYS_ADMIN",
        "SYS_NICE",
        "SYS_RESOURCE",
        "SYS_TIME",
        "SYS_TTY_CONFIG",
        "MKNOD",
        "AUDIT_WRITE",
        "AUDIT_CONTROL",
        "MAC_OVERRIDE",
        "MAC_ADMIN",
        "NET_ADMIN"
    ],
    "networks": [{
            "type": "veth",
            "context": {
                "bridge": "docker0",
                "prefix": "dock"
            },
            "address": "172.17.0.100/16",
            "gateway": "172.17.42.1",
            "mtu": 1500
        }
    ],
    "cgroups": {
        "name": "docker-koye",
        "parent": "docker",
        "memory": 5248000
    }
}`;

/** What a person sees who tries the sample: one refusal after the other, each with its remedy, until it runs. */
async function refusals(
  config: Config,
): Promise<{ readonly fields: readonly (string | undefined)[]; readonly config: Config }> {
  const fields: (string | undefined)[] = [];
  for (let left = config; ; ) {
    const made = await (await box().factory()).create(box().nextId(), left).then(
      (container) => container.destroy(),
      (error: unknown) => error,
    );
    if (made === undefined) return { fields, config: left };
    expect(made).toMatchObject({ name: 'ContainerError', code: 'ConfigInvalid' });
    const { field, hint, message } = made as { field: string; hint: string; message: string };
    expect(message).toMatch(/cannot be used here/);
    expect(hint).toContain(field);
    fields.push(field);
    left = withoutField(left, field);
  }
}

function withoutField(config: Config, field: string): Config {
  const { [field as 'routes']: _, ...rest } = config;
  return rest as Config;
}

describe.each([
  ['2014-02-20', february20],
  ['2014-02-26', february26],
])('the sample of %s', (_, text) => {
  it('runs as it is', async () => {
    const { config } = parseConfig(text, { rootfs: box().rootfs });
    expect(await box().runContainer(config, ['/bin/hostname'])).toMatchObject({ status: 0, stdout: 'koye\n' });
  });

  it('gives what it says', async () => {
    const { config: sample } = parseConfig(text, { rootfs: box().rootfs });
    // Half a megabyte, as the older one has it, holds a program but no shell with children.
    const config = { ...sample, cgroups: { ...sample.cgroups, memory: 5_248_000 } };
    const script =
      'hostname; ps -o pid,args | tail -n +2 | head -1; ls /dev/null /proc/1/status; echo $container; ip addr show eth0; ip route; ping -c 1 -W 2 172.17.42.1 >/dev/null && echo reached; cat /proc/self/cgroup';
    // Its PATH is as broken as it was.
    const env = [...config.process!.env!, 'PATH=/bin'];
    const output = await box().shell(script, config, { process: { env } });
    expect(output).toMatch(/^koye\n +1 \/bin\/sh -c .*\n\/dev\/null\n\/proc\/1\/status\ndocker\n/);
    expect(output).toMatch(/mtu 1500/);
    expect(output).toMatch(/inet 172\.17\.0\.100\/16/);
    expect(output).toMatch(/default via 172\.17\.42\.1 dev eth0/);
    expect(output).toMatch(/^reached$/m);
    expect(output).toMatch(/:memory:.*\/docker\/docker-koye$/m);
  });

  it('keeps what it says about capabilities: that list was of those to drop', async () => {
    const { config } = parseConfig(text, { rootfs: box().rootfs });
    const status = await box().shell('grep CapEff /proc/self/status', config, { process: { env: ['PATH=/bin'] } });
    const effective = BigInt(`0x${/CapEff:\t([0-9a-f]+)/.exec(status)![1]!}`);
    const has = (bit: number) => (effective >> BigInt(bit)) & 1n;
    // CAP_SYS_ADMIN and CAP_MKNOD are gone, CAP_CHOWN and CAP_NET_BIND_SERVICE are not.
    expect([21, 27, 0, 10].map(has)).toEqual([0n, 0n, 1n, 1n]);
  });
});

/** What the samples that the original shipped need, and this machine may not have. */
const samples = {
  minimal: [],
  'host-pid': [],
  userns: [],
  attach_to_bridge: [],
  apparmor: ['apparmorProfile'],
  selinux: ['processLabel', 'mountLabel'],
} as const;

describe.each(Object.entries(samples))('the sample %s', (name, needs) => {
  it('is refused for what cannot be done here, and runs without that', async () => {
    const text = readFileSync(new URL(`../../../examples/sample_configs/${name}.json`, import.meta.url), 'utf8');
    const { config } = parseConfig(text, { rootfs: box().rootfs });
    const { fields, config: left } = await refusals(config);
    expect(fields).toEqual(needs);
    const script = 'hostname; ulimit -n; cat /proc/self/status | grep CapBnd; id -u';
    const output = await box().shell(script, left, { process: { env: ['PATH=/bin'] } });
    expect(output).toBe(`${left.hostname}\n1024\nCapBnd:\t00000000a80425fb\n0\n`);
  });
});
