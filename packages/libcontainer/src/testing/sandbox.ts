import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { addNamespace, type Config, type IdMap, template } from '@nsinit/config';
import { mapRange } from '@nsinit/namespaces';
import { afterAll, afterEach, beforeAll, expect, vi } from 'vitest';
import type { Container } from '../container.ts';
import type { StartOptions } from '../container-options.ts';
import type { ContainerError } from '../errors.ts';
import { createFactory, type Factory, type FactoryOptions } from '../factory.ts';
import { Process, type ProcessOptions } from '../process/process.ts';
import { Capture } from './capture.ts';
import { leftProcesses, mountsBelow, openDescriptors, processesBelow } from './processes.ts';
import { makeRootfs } from './rootfs.ts';

/** The environment of processes in tests. */
export const environment: readonly string[] = [
  'HOME=/root',
  'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  'HOSTNAME=integration',
  'TERM=xterm',
];

/** Whether the containers of all tests get a user namespace: the suite is run once without and once with one. */
export const inUserNamespace = process.env['NSINIT_TEST_USER_NAMESPACE'] === '1';

/** The configuration in a user namespace, with the files of its root file system as they are. */
function withUserNamespace(config: Config): Config {
  const maps = [mapRange(0, 2_600_000, 65_536)];
  return {
    ...config,
    namespaces: addNamespace(config.namespaces, 'NEWUSER'),
    uidMappings: maps,
    gidMappings: maps,
    idmapRootfs: true,
  };
}

/** What a process left behind. */
export interface RunResult {
  readonly stdout: string;
  readonly stderr: string;
  /** Its exit code, or the negated number of the signal that ended it. */
  readonly status: number;
}

/** A process that runs, with what it has printed. */
export interface Running {
  readonly process: Process;
  readonly stdout: Capture;
  readonly stderr: Capture;
  /** Settles with the rest when it has ended. */
  readonly result: Promise<RunResult>;
}

/** How a test starts a process: as a caller does, with what it wants to say itself. */
export interface TestStartOptions extends StartOptions {
  readonly process?: Partial<ProcessOptions>;
}

/** Makes a process of a test, with captured output. */
export function capturedProcess(
  args: readonly string[],
  options: Partial<ProcessOptions> = {},
): Pick<Running, 'process' | 'stdout' | 'stderr'> {
  const stdout = new Capture();
  const stderr = new Capture();
  return { process: new Process({ args, env: environment, stdout, stderr, ...options }), stdout, stderr };
}

/** Starts a process with captured output. */
export async function start(
  container: Container,
  args: readonly string[],
  { process: own, ...options }: TestStartOptions = {},
): Promise<Running> {
  const { process, stdout, stderr } = capturedProcess(args, own);
  await container.start(process, options);
  const result = process.wait().then(({ exitCode, signalNumber }) => ({
    stdout: stdout.text(),
    stderr: stderr.text(),
    status: exitCode ?? -signalNumber!,
  }));
  return { process, stdout, stderr, result };
}

/** Starts a process in a running container and waits for its end. */
export async function exec(
  container: Container,
  args: readonly string[],
  options?: TestStartOptions,
): Promise<RunResult> {
  const { result } = await start(container, args, options);
  return result;
}

/** The error that something is rejected with. */
export async function failure(promise: Promise<unknown>): Promise<ContainerError> {
  try {
    await promise;
  } catch (error) {
    return error as ContainerError;
  }
  throw new Error('it did not fail');
}

/** A directory with a root file system and the states of containers; checked after each test, removed at the end. */
export class Sandbox {
  /** The directory itself: room for files beside the root file system. */
  readonly dir = mkdtempSync(join(tmpdir(), 'nsinit-libcontainer-'));
  readonly rootfs = join(this.dir, 'rootfs');
  /** Directory of the containers. */
  readonly state = join(this.dir, 'state');
  /** What the factories warned of. */
  readonly warnings: string[] = [];
  #ids = 0;

  constructor() {
    // Root of a user namespace is somebody else out here, and must be let through.
    chmodSync(this.dir, 0o755);
    mkdirSync(this.rootfs);
    makeRootfs(this.rootfs);
  }

  /** The template, as the integration tests of the original had it, but for its cgroup: tests of their own are about those. */
  config(changes: Partial<Config> = {}): Config {
    const { cgroups: _, ...config } = template({ rootfs: this.rootfs, hostname: 'integration' });
    const limited: Config = { ...config, rlimits: [{ type: 'RLIMIT_NOFILE', soft: 1025, hard: 1025 }] };
    return { ...(inUserNamespace ? withUserNamespace(limited) : limited), ...changes };
  }

  /** The template in a user namespace with these maps, and with the owners of its files as they are on disk. */
  mapped(maps: readonly IdMap[], gidMappings = maps): Config {
    const { idmapRootfs: _, ...config } = this.config();
    const namespaces = addNamespace(config.namespaces, 'NEWUSER');
    return { ...config, namespaces, uidMappings: maps, gidMappings };
  }

  /** The template without one of its namespaces. */
  configWithout(kind: string): Config {
    const config = this.config();
    return { ...config, namespaces: config.namespaces!.filter(({ type }) => type !== kind) };
  }

  /** An id that no container has. */
  nextId(): string {
    return `test_${this.#ids++}`;
  }

  factory(options: FactoryOptions = {}): Promise<Factory> {
    return createFactory(this.state, options);
  }

  async create(config: Config = this.config(), id = this.nextId()): Promise<Container> {
    return (await this.factory()).create(id, config);
  }

  /** Makes a container, lets `body` use it, and destroys it whatever comes of it. */
  async using<T>(config: Config, body: (container: Container) => Promise<T>): Promise<T> {
    const container = await this.create(config);
    try {
      return await body(container);
    } finally {
      await container.destroy({ force: true });
    }
  }

  /** A container of its own for one process, from its start to its end. */
  runContainer(config: Config, args: readonly string[], options?: TestStartOptions): Promise<RunResult> {
    return this.using(config, (container) => exec(container, args, options));
  }

  /** What a shell prints in a container of the template; it must succeed. */
  async shell(script: string, config: Config = this.config(), options?: TestStartOptions): Promise<string> {
    const { status, stdout, stderr } = await this.runContainer(config, ['/bin/sh', '-c', script], options);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    return stdout;
  }

  /** Ends every process and forgets every container, after a test that has left some. */
  async sweep(): Promise<void> {
    for (const pid of processesBelow(this.dir)) process.kill(pid, 'SIGKILL');
    await new Promise((resolve) => setTimeout(resolve, 50));
    for (const id of readdirSync(this.state)) rmSync(join(this.state, id), { recursive: true });
  }

  /** Everything that a container should not have left. */
  left(): readonly string[] {
    return [
      ...leftProcesses(this.dir),
      ...mountsBelow(this.dir),
      ...readdirSync(this.state).map((id) => `state of ${id}`),
    ];
  }
}

/**
 * A sandbox for the tests of one file. After each test there must be no process, no mount, no state and no descriptor
 * that was not there before.
 */
export function useSandbox(): () => Sandbox {
  let sandbox: Sandbox;
  let descriptors: readonly string[];
  const opened = () => openDescriptors().filter((one) => !descriptors.includes(one));
  beforeAll(async () => {
    sandbox = new Sandbox();
    // What is opened once and kept: the executor, the event loop's own.
    await sandbox.runContainer(sandbox.config(), ['true']);
    await failure(sandbox.runContainer(sandbox.config({ rootfs: `${sandbox.dir}/absent` }), ['true']));
    descriptors = openDescriptors();
  });
  afterEach(async () => {
    try {
      await vi.waitFor(() => expect(sandbox.left()).toEqual([]), { timeout: 5000, interval: 5 });
      await vi.waitFor(() => expect(opened()).toEqual([]), { timeout: 5000, interval: 5 });
    } catch (error) {
      // One leak is one failure: the tests that follow begin afresh.
      await sandbox.sweep();
      descriptors = openDescriptors();
      throw error;
    }
  });
  afterAll(() => rmSync(sandbox.dir, { recursive: true }));
  return () => sandbox;
}
