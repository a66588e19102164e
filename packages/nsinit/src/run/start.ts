import { setTimeout as delay } from 'node:timers/promises';
import { type Config, type Container, ContainerError, type Factory, type Process, Status } from '@nsinit/libcontainer';
import { UsageError } from '../cli/usage-error.ts';

/** How often a start is tried when others start and end the same container at the same time. */
const TRIES = 20;

/** What is to be started. */
export interface StartRequest {
  readonly factory: Factory;
  readonly id: string;
  /** Whether a container of this id is joined whatever its root file system: its id was named. */
  readonly anyRootfs: boolean;
  /** The configuration of a new container. */
  readonly config: Config;
  /** Makes the process for a container with this configuration. */
  readonly process: (config: Config) => Process;
}

/** A process that was started. */
export interface Started {
  readonly container: Container;
  readonly process: Process;
  /** Whether the container is new: then it is this process's. */
  readonly created: boolean;
}

/** Failures that only say that somebody else was faster. */
const RACES: ReadonlySet<string> = new Set([
  'IdInUse',
  'ContainerNotExists',
  'ContainerNotStopped',
  'ContainerNotRunning',
]);

/**
 * Starts a process in the container of this id: in the one that lives, or else in a new one, after removing what a dead
 * one left behind.
 *
 * @throws {ContainerError} of the failing step; nothing is left then. {UsageError} when the id belongs to a container of
 * another root file system.
 */
export async function startOrJoin(request: StartRequest): Promise<Started> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await startOnce(request);
    } catch (error) {
      if (!(error instanceof ContainerError) || !RACES.has(error.code) || attempt === TRIES) throw error;
      await delay(attempt);
    }
  }
}

async function startOnce({ factory, id, anyRootfs, config, process: makeProcess }: StartRequest): Promise<Started> {
  const found = await find(factory, id);
  const status = await found?.status();
  if (found && status !== Status.Destroyed) {
    if (!anyRootfs) checkRootfs(found, config);
    if (status === Status.Paused)
      throw new UsageError(`container ${id} is paused`, `nsinit unpause --id ${id} lets it go on`);
    if (status === Status.Checkpointed)
      throw new UsageError(`container ${id} is checkpointed`, `nsinit restore --id ${id} lets it go on`);
    const process = makeProcess(found.config());
    await found.start(process);
    return { container: found, process, created: false };
  }
  const process = makeProcess(config);
  await found?.destroy();
  const container = await factory.create(id, config);
  try {
    await container.start(process);
  } catch (error) {
    await container.destroy().catch((cause: unknown) => {
      // The first failure is the one to tell, unless another nsinit has the id by now, which is a reason to try again.
      if (cause instanceof ContainerError && RACES.has(cause.code)) throw cause;
    });
    throw error;
  }
  return { container, process, created: true };
}

async function find(factory: Factory, id: string): Promise<Container | undefined> {
  try {
    return await factory.load(id);
  } catch (error) {
    if (error instanceof ContainerError && error.code === 'ContainerNotExists') return undefined;
    throw error;
  }
}

function checkRootfs(found: Container, { rootfs }: Config): void {
  const other = found.config().rootfs;
  if (other === rootfs) return;
  throw new UsageError(
    `container ${found.id} lives in ${other} and not in ${rootfs}`,
    `choose another id for this one with --id, or join that one with --id ${found.id}`,
  );
}
