import type { Manager } from '@nsinit/cgroups';
import { type Config, containsNamespace, findNamespace, hostUid } from '@nsinit/config';
import { Criu, type CriuOperation, type DumpOptions, type DumpResult } from '@nsinit/criu';
import { readMountinfo } from '@nsinit/mount';
import { type Fd, watchReadable } from '@nsinit/syscall';
import type { ContainerAccess } from '../container-access.ts';
import { ContainerError } from '../errors.ts';
import { hasOwnPidNamespace, processesOf } from '../processes.ts';
import { openPidfd } from '../program/start.ts';
import { isAlive, parentOf, procLink } from '../state/proc.ts';
import { isInOneGroup } from './cgroup-places.ts';
import { externalKey, externalsOf } from './descriptors.ts';
import { checkpointError, realRoot } from './failure.ts';
import { directoriesOf, forgetSizes, type ImagesRecord, makeDirectory, writeRecord, writeSizes } from './images.ts';
import { checkLazy } from './lazy-memory.ts';
import { checkMapped } from './mapped-places.ts';
import { clearMarker, setMarker } from './marker.ts';
import { dumpedMounts, externalMounts } from './mounts.ts';
import { attachInterfaces, detachInterfaces } from './network.ts';
import { networkLockFor, strayTable } from './network-lock.ts';
import type { CheckpointOptions, CheckpointResult } from './options.ts';
import { checkNetworks } from './strategies.ts';

/** What the images call a network namespace that the container has joined. */
export const joinedNetwork = 'extRootNetNS';

/** Writes a container's processes into images. A failure leaves it running as it was. */
export async function checkpoint(container: ContainerAccess, options: CheckpointOptions): Promise<CheckpointResult> {
  const { store, context } = container;
  return await store.locked(
    'exclusive',
    async () => {
      const init = container.init();
      if (init === undefined)
        throw new ContainerError('ContainerNotRunning', 'the container does not run', { step: 'checkpoint' });
      checkSavable(container.state.get().config);
      checkLazy(options);
      checkNetworks(container.state.get().config, options.emptyNetworkNamespace ?? false, 'checkpoint');
      checkMapped(container.state.get().config, 'checkpoint');
      const { images, work } = directoriesOf(options, store.dir);
      using pidfd = openPidfd(init);
      if (!isAlive(init, container.state.get().initProcessStart))
        throw new ContainerError('ContainerNotRunning', 'the container has ended', { step: 'checkpoint' });
      checkDescent(init);
      const criu = new Criu({ path: context.criuPath });
      const lock = await finish(criu, () => networkLockFor(context.criuPath, init, options));
      // A restored process reads its own images when it is in its user namespace already.
      const { config } = container.state.get();
      const mapped = containsNamespace(config.namespaces, 'NEWUSER');
      makeDirectory(images, mapped ? hostUid(config) : undefined);
      forgetSizes(images);
      makeDirectory(work);
      const manager = await container.group.known();
      const oneGroup = options.manageCgroupsMode === undefined && isInOneGroup(manager, config, init);
      const record = {
        ...recordOf(container, init),
        networkLock: lock,
        strayTable: await finish(criu, () => strayTable(context.criuPath, lock, init)),
        emptyNetwork: options.emptyNetworkNamespace,
        oneGroup,
      };
      const dumpOptions = {
        ...compileDump(container, options, init, record, manager),
        imagesDirectory: images,
        workDirectory: work,
      };
      // Memory that goes elsewhere may come back into this directory later.
      const isWhole = !options.pageServer && !options.lazyPages;
      if (options.preDump) {
        const { statistics } = await finish(criu, () => drive(criu.preDump(dumpOptions), container, options));
        if (isWhole) writeSizes(images);
        return { imagesDirectory: images, statistics };
      }
      const { statistics } = await finish(criu, () =>
        drive(criu.dump(dumpOptions), container, options, () => writeRecord(images, record)),
      );
      if (isWhole) writeSizes(images);
      if (!options.leaveRunning) await ended(pidfd);
      return { imagesDirectory: images, statistics };
    },
    options.signal,
  );
}

/** What criu neither saves nor complains of: a restored container would be without its fence. */
function checkSavable({ landlock }: Config): void {
  if (landlock)
    throw new ContainerError(
      'ConfigInvalid',
      'Landlock rules cannot be saved: restored processes would be free of them',
      {
        step: 'checkpoint',
        field: 'landlock',
      },
    );
}

/** Processes that were started beside the first one are nobody's children here, and would be lost. */
function checkDescent(init: number): void {
  const namespace = procLink(init, 'ns/pid');
  const others = hasOwnPidNamespace(init)
    ? processesOf(init).filter((pid) => pid !== init && cameFromOutside(pid, namespace))
    : [];
  if (others.length === 0) return;
  throw new ContainerError(
    'SystemError',
    `these processes were started beside the first one, and cannot be saved with it: ${others.join(', ')}`,
    { step: 'checkpoint', hint: 'end them first, or wait for their end' },
  );
}

/** Whether the parent of a process is in another pid namespace: it has joined then. Orphans are children of init. */
function cameFromOutside(pid: number, namespace: string | undefined): boolean {
  // A parent that ends while one looks gives way to another one.
  for (let tries = 0; tries < 100; tries++) {
    const parent = parentOf(pid);
    if (parent === undefined) return false;
    const theirs = procLink(parent, 'ns/pid');
    if (theirs !== undefined) return theirs !== namespace;
  }
  return false;
}

function recordOf(container: ContainerAccess, init: number): ImagesRecord {
  const inside = readMountinfo(init);
  const ids = new Set(inside.map(({ id }) => id));
  const { config, externalDescriptors = [], cgroupPaths } = container.state.get();
  const groups = containsNamespace(config.namespaces, 'NEWCGROUP') ? {} : cgroupPaths;
  const ownMounts = procLink(init, 'ns/mnt') !== procLink('self', 'ns/mnt');
  return {
    descriptors: externalDescriptors,
    keys: [0, 1, 2].map((fd) => externalKey(init, fd, ids)),
    mounts: ownMounts ? externalMounts(config, inside, readMountinfo('self'), groups) : [],
  };
}

function compileDump(
  container: ContainerAccess,
  options: CheckpointOptions,
  init: number,
  record: ImagesRecord,
  manager: Manager | undefined,
): Omit<DumpOptions, 'imagesDirectory'> {
  const { config } = container.state.get();
  const { signal, onStep: _, preDump: __, parentPath, statusFd, tcpSkipInFlight, leaveRunning, ...common } = options;
  const network = findNamespace(config.namespaces, 'NEWNET');
  const joined = network?.path ? procLink(init, 'ns/net') : undefined;
  const freezer = manager?.exists() ? freezerOf(manager) : undefined;
  return {
    ...common,
    pid: init,
    root: realRoot(config, 'checkpoint'),
    signal,
    leaveRunning,
    tcpSkipInFlight,
    statusFd,
    parentImages: parentPath,
    // A later checkpoint with these images as its parent is not known of yet.
    ...(parentPath === undefined ? {} : { trackMemory: true }),
    orphanPtsMaster: true,
    networkLock: record.networkLock,
    ...(record.oneGroup ? { manageCgroupsMode: 'ignore' } : {}),
    externalMounts: dumpedMounts(record.mounts),
    external: [...externalsOf(record.keys), ...(joined ? [`${joined}:${joinedNetwork}`] : [])],
    ...(freezer === undefined ? {} : { freezeCgroup: freezer }),
  };
}

/** From this number of processes on they are frozen together: one by one, they might make others faster than that. */
const many = 50;

/**
 * The directory by which a group is frozen, on v1 or v2. undefined: criu stops each process for itself, which is faster by
 * the tenth of a second for which it sleeps between two looks at a group.
 */
function freezerOf(manager: Manager): string | undefined {
  const paths = manager.paths();
  const wanted = manager.state() !== 'THAWED' || manager.pids({ recursive: true }).length >= many;
  return wanted ? (paths['freezer'] ?? paths['']) : undefined;
}

async function drive(
  operation: CriuOperation<DumpResult>,
  container: ContainerAccess,
  options: CheckpointOptions,
  onDumped: () => void = () => {},
): Promise<DumpResult> {
  const { store } = container;
  const { config } = container.state.get();
  const owner = store.realDir();
  let detached = false;
  try {
    for await (const notification of operation) {
      const { script } = notification;
      options.onStep?.(script);
      if (script === 'network-lock') {
        detached = true;
        await detachInterfaces(config, owner);
      }
      if (script === 'network-unlock') {
        await attachInterfaces(config, owner);
        detached = false;
      }
      if (script === 'post-dump') {
        onDumped();
        // From the answer on the container does not live any more.
        if (!options.leaveRunning && !options.preDump) setMarker(store);
      }
      notification.accept();
    }
    return await operation.result();
  } catch (error) {
    clearMarker(store);
    if (detached) await attachInterfaces(config, owner);
    throw error;
  }
}

/** Makes a failure of criu one of ours; that of a criu which is too old says so. */
export async function finish<R>(
  criu: Criu,
  body: () => Promise<R>,
  step: 'checkpoint' | 'restore' = 'checkpoint',
): Promise<R> {
  try {
    return await body();
  } catch (error) {
    if (error instanceof ContainerError) throw error;
    const cause = await criu.version().then(
      () => error,
      (problem: unknown) => problem,
    );
    throw checkpointError(cause, step);
  }
}

/** criu has killed them, and their end comes a little later. */
function ended(pidfd: Fd): Promise<void> {
  return new Promise((resolve) => {
    const watch = watchReadable(pidfd.fd, () => {
      watch.close();
      resolve();
    });
  });
}
