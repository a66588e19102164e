import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Config } from '@nsinit/config';
import { Netlink } from '@nsinit/netlink';
import { invoke } from '@nsinit/syscall';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { Agent, bundle } from '../testing/bundle.ts';
import { useSandbox } from '../testing/sandbox.ts';

// The thread's own network namespace is the host of these tests; the file has a process to itself, and what it starts is
// in there with it.
invoke('unshare', { flags: ['CLONE_NEWNET'] });
const host = new Netlink();
const box = useSandbox();
let library: string;

/** How many processes are killed at the same time. */
const TOGETHER = 4;

/** Every so manyth step is one at which the process is killed. 1: all of them, which takes a minute or two. */
const STRIDE = Number(process.env['NSINIT_TEST_STRIDE'] ?? 7);

beforeAll(async () => {
  host.links.set('lo', { up: true });
  host.links.add({ kind: 'ifb', ifname: 'up0', up: true });
  writeFileSync('/proc/sys/net/ipv4/ip_forward', '1');
  library = counting(await bundle(box()));
});

afterAll(() => host.close());

/**
 * The library in a process that counts what it asks of the kernel, from the first socket of netlink on, and kills itself
 * before the step of a given number.
 */
function counting(path: string): string {
  const file = join(dirname(path), 'counting.mjs');
  const source = `
    import fs from 'node:fs';
    import { createRequire, syncBuiltinESMExports } from 'node:module';
    const koffi = createRequire(import.meta.url)('@koromix/koffi-linux-' + process.arch);
    export const steps = { count: 0, killAt: Infinity };
    let begun = false;
    const step = () => {
      if (begun && ++steps.count === steps.killAt) process.kill(process.pid, 'SIGKILL');
    };
    const AF_NETLINK = 16;
    const SYS_socket = process.arch === 'x64' ? 41 : 198;
    const { load } = koffi;
    koffi.load = (...where) => {
      const found = load(...where);
      return {
        func: (prototype) => {
          const native = found.func(prototype);
          return (...args) => {
            begun ||= prototype.includes(' syscall(') && args[0] === SYS_socket && Number(args[1]) === AF_NETLINK;
            step();
            return native(...args);
          };
        },
      };
    };
    for (const name of ['openSync', 'writeFileSync', 'writeSync', 'renameSync', 'rmSync', 'rmdirSync', 'unlinkSync']) {
      const original = fs[name];
      fs[name] = (...args) => {
        step();
        return original(...args);
      };
    }
    syncBuiltinESMExports();
    export const { createFactory, Process } = await import(${JSON.stringify(path)});
  `;
  writeFileSync(file, source);
  return file;
}

/** One network of each kind; the numbers keep those apart who are there at the same time. */
const everything = (number: number): Config =>
  box().config({
    networks: [
      { type: 'loopback' },
      {
        type: 'veth',
        name: 'eth0',
        bridge: 'nsbr0',
        createBridge: true,
        masquerade: true,
        hairpinMode: true,
        address: `10.88.0.${number + 2}/24`,
        gateway: '10.88.0.1',
      },
      { type: 'macvlan', name: 'eth1', link: 'up0', address: `10.89.0.${number + 2}/24` },
      { type: 'phys', name: 'eth2', link: `nic${number}` },
    ],
    routes: [{ destination: '10.90.0.0/16', gateway: '10.89.0.1' }],
  });

const nics = Array.from({ length: TOGETHER }, (_, number) => `nic${number}`);

const nic = (ifname: string) => {
  const { ifalias, flags } = host.links.get(ifname);
  const addresses = host.addresses.list({ dev: ifname, family: 'inet' }).map(({ local }) => local);
  return { ifalias, up: flags.includes('UP'), addresses };
};

const script = `
  const { steps } = lib;
  steps.killAt = input.killAt ?? Infinity;
  const container = await factory.create(input.id, input.config);
  const init = new lib.Process({ args: ['sleep', '100'], env });
  await container.start(init);
  await container.destroy({ force: true });
  say(steps.count);
`;

/**
 * Starts a container and destroys it, and is killed at a step; what is left then has to go with the container.
 *
 * @returns whether it came to that step: with a bridge that others use there is less to do.
 */
async function round(number: number, killAt: number): Promise<boolean> {
  const id = box().nextId();
  const input = { id, config: everything(number), killAt };
  const agent = new Agent(script, { sandbox: box(), library, input });
  const end = await agent.ended;
  expect([killAt, agent.stderr]).toEqual([killAt, '']);
  const factory = await box().factory();
  try {
    const container = await factory.load(id);
    await container.destroy({ force: true });
  } catch (error) {
    // Killed when nothing was left to do.
    expect(error).toMatchObject({ code: 'ContainerNotExists' });
  }
  expect([killAt, nic(`nic${number}`)]).toEqual([killAt, lent(number)]);
  return end === 'SIGKILL';
}

const lent = (number: number) => ({ ifalias: `mine ${number}`, up: true, addresses: [`10.91.${number}.1`] });

it('leaves nothing behind when it is killed at a step of a start or a destroy', async () => {
  for (const [number, ifname] of nics.entries()) {
    host.links.add({ kind: 'ifb', ifname, ifalias: `mine ${number}`, up: true });
    host.addresses.add({ dev: ifname, local: `10.91.${number}.1/24` });
  }
  const whole = new Agent(script, { sandbox: box(), library, input: { id: box().nextId(), config: everything(0) } });
  const total = (await whole.hear()) as number;
  expect(await whole.ended).toBe(0);
  expect(total).toBeGreaterThan(100);
  expect(nic('nic0')).toEqual(lent(0));

  const kills = Array.from({ length: Math.ceil(total / STRIDE) }, (_, i) => i * STRIDE + 1);
  const wanted = kills.length;
  let killed = 0;
  const worker = async (number: number) => {
    for (let killAt = kills.pop(); killAt !== undefined; killAt = kills.pop())
      if (await round(number, killAt)) killed++;
  };
  await Promise.all(nics.map((_, number) => worker(number)));
  expect(killed).toBeGreaterThan(wanted / 2);
  // The kernel takes its time with those that went with their namespaces.
  await vi.waitFor(() => expect(host.links.list().map(({ ifname }) => ifname)).toEqual(['lo', 'up0', ...nics]), {
    timeout: 10_000,
    interval: 5,
  });
  for (const ifname of nics) host.links.delete(ifname);
}, 600_000);
