#!/usr/bin/env node
/**
 * Measures @nsinit/libcontainer inside one Node process: the counterpart of floor.c.
 *
 *   node bench/library.mjs ROOTFS STATE     then on standard input a line for each measurement:
 *     start                                 creates a container, runs /bin/true in it, waits, destroys it
 *     mapped                                the same in a user namespace of its own, which only root can ask for
 *     networked                             the same as start with a veth on the bridge br0
 *     together N                            does that with N containers at once
 *     exec                                  runs /bin/true in a container that is running
 *
 * An ordinary user's containers are always in a user namespace, with the widest maps there are for that user.
 *
 * Prints the nanoseconds of each, which end when the exit status is known, as they do for the floor; `all` in place of
 * `start`, and `networkedAll`, time until the container is destroyed.
 */
import { createInterface } from 'node:readline';
import { createFactory, isRootless, Process, rootlessConfig, template } from '@nsinit/libcontainer';
import { ENVIRONMENT, FIRST_ID, IDS } from './lib/peers.mjs';

const [rootfs, state] = process.argv.slice(2);
if (!rootfs || !state) {
  console.error('usage: library.mjs ROOTFS STATE');
  process.exit(2);
}

// The template without its control group, which floor.c does not make either.
const { cgroups: _, ...privileged } = template({ rootfs });
const config = isRootless() ? rootlessConfig(privileged) : privileged;
const factory = await createFactory(state);
let sequence = 0;

const elapsed = (begin) => Number(process.hrtime.bigint() - begin);

async function runTrue(container) {
  const own = new Process({ args: ['/bin/true'], env: ENVIRONMENT });
  await container.start(own);
  const { exitCode } = await own.wait();
  if (exitCode !== 0) throw new Error(`/bin/true ended with ${exitCode}`);
}

const networked = {
  ...config,
  networks: [...(config.networks ?? []), { type: 'veth', bridge: 'br0', address: '10.0.0.2/24', gateway: '10.0.0.1' }],
};

const maps = [{ containerId: 0, hostId: FIRST_ID, size: IDS }];
const mapped = {
  ...config,
  namespaces: [...(config.namespaces ?? []), { type: 'NEWUSER' }],
  uidMappings: maps,
  gidMappings: maps,
};

const create = (from = config) => factory.create(`bench_${process.pid}_${sequence++}`, from);

/** Nanoseconds until the exit is known, and until the container is destroyed. */
async function start(from) {
  const begin = process.hrtime.bigint();
  const container = await create(from);
  await runTrue(container);
  const exited = elapsed(begin);
  await container.destroy();
  return { exited, destroyed: elapsed(begin) };
}

async function together(count) {
  const begin = process.hrtime.bigint();
  const containers = await Promise.all(
    Array.from({ length: count }, async () => {
      const container = await create();
      await runTrue(container);
      return container;
    }),
  );
  const exited = elapsed(begin);
  await Promise.all(containers.map((container) => container.destroy()));
  return exited;
}

let lasting;

async function exec() {
  if (!lasting) {
    const container = await create();
    const init = new Process({ args: ['/bin/sleep', '100000'], env: ENVIRONMENT });
    await container.start(init);
    lasting = { container, init };
  }
  const begin = process.hrtime.bigint();
  await runTrue(lasting.container);
  return elapsed(begin);
}

const commands = {
  start: async () => (await start()).exited,
  mapped: async () => (await start(mapped)).exited,
  all: async () => (await start()).destroyed,
  networked: async () => (await start(networked)).exited,
  networkedAll: async () => (await start(networked)).destroyed,
  together: async (count) => together(Number(count)),
  exec,
};

try {
  for await (const line of createInterface({ input: process.stdin })) {
    const [command, ...args] = line.split(' ');
    console.log(await commands[command](...args));
  }
} finally {
  if (lasting) {
    lasting.init.signal('SIGKILL');
    await lasting.init.wait();
    await lasting.container.destroy();
  }
}
