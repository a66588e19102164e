/**
 * Everything that a container needs, from the configuration to its end: runs a command in a container of its own.
 *
 *   node examples/dist/run-a-container.js ROOTFS [COMMAND ARGUMENT…]
 *
 * Needs root. ROOTFS is the absolute path of a root file system with an /etc/passwd that has a user "daemon":
 * `node scripts/rootfs.mjs busybox ROOTFS` makes one. The command is /bin/sh unless it is given.
 */
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import {
  type Config,
  createFactory,
  DEFAULT_ALLOWED_DEVICES,
  DEFAULT_AUTO_CREATED_DEVICES,
  Process,
  shellExitCode,
  withDefaultMounts,
} from '@nsinit/libcontainer';

/** A container with its own mounts, host name, message queues, processes and network, and few capabilities. */
export const exampleConfig = (rootfs: string): Config => ({
  rootfs,
  capabilities: [
    'CAP_CHOWN',
    'CAP_DAC_OVERRIDE',
    'CAP_FSETID',
    'CAP_FOWNER',
    'CAP_MKNOD',
    'CAP_NET_RAW',
    'CAP_SETGID',
    'CAP_SETUID',
    'CAP_SETFCAP',
    'CAP_SETPCAP',
    'CAP_NET_BIND_SERVICE',
    'CAP_SYS_CHROOT',
    'CAP_KILL',
    'CAP_AUDIT_WRITE',
  ],
  namespaces: [{ type: 'NEWNS' }, { type: 'NEWUTS' }, { type: 'NEWIPC' }, { type: 'NEWPID' }, { type: 'NEWNET' }],
  cgroups: {
    name: 'test-container',
    parent: 'system',
    allowAllDevices: false,
    allowedDevices: DEFAULT_ALLOWED_DEVICES,
  },
  devices: DEFAULT_AUTO_CREATED_DEVICES,
  hostname: 'testing',
  networks: [{ type: 'loopback', address: '127.0.0.1/0', gateway: 'localhost' }],
  rlimits: [{ type: 'RLIMIT_NOFILE', hard: 1024, soft: 1024 }],
});

/**
 * Runs a command in a new container, with our standard streams, and gives its exit code as a shell would.
 *
 * @param stateDir where the containers' states are kept.
 */
export async function runInContainer(stateDir: string, rootfs: string, args: readonly string[]): Promise<number> {
  const factory = await createFactory(stateDir);
  // The configuration lists no mounts; this adds those that programs cannot do without: /proc, /dev and /dev/pts.
  const { config } = withDefaultMounts(exampleConfig(rootfs));
  const container = await factory.create(`example_${process.pid}`, config);
  try {
    const own = new Process({
      args,
      env: ['PATH=/bin:/usr/bin'],
      user: 'daemon',
      stdin: 'inherit',
      stdout: 'inherit',
      stderr: 'inherit',
    });
    await container.start(own);
    return shellExitCode(await own.wait());
  } finally {
    await container.destroy();
  }
}

/**
 * Other ways to deal with a container while it runs: starts a second process in it, lists its processes, ends it.
 *
 * @returns the ids of its processes, as this process sees them.
 */
export async function lookAround(stateDir: string, rootfs: string): Promise<readonly number[]> {
  const factory = await createFactory(stateDir);
  const { config } = withDefaultMounts(exampleConfig(rootfs));
  const container = await factory.create(`example_${process.pid}`, config);
  try {
    const first = new Process({ args: ['/bin/sleep', '1000'] });
    await container.start(first);
    // The container runs, so this one joins it.
    const second = new Process({ args: ['/bin/ps'], stdout: 'inherit' });
    await container.start(second);
    await second.wait();
    const processes = await container.processes();
    first.signal('SIGKILL');
    await first.wait();
    return processes;
  } finally {
    await container.destroy();
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const [rootfs, ...args] = process.argv.slice(2);
  if (rootfs === undefined) {
    console.error('usage: run-a-container ROOTFS [COMMAND ARGUMENT…]');
    process.exitCode = 2;
  } else {
    const command = args.length > 0 ? args : ['/bin/sh'];
    process.exitCode = await runInContainer('/run/libcontainer-example', resolve(rootfs), command);
  }
}
