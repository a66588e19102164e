import { realpathSync } from 'node:fs';
import type { Manager } from '@nsinit/cgroups';
import { findNamespace } from '@nsinit/config';
import { Criu, type RestoreOptions as CriuRestoreOptions } from '@nsinit/criu';
import type { LaunchedProcess } from '@nsinit/namespaces';
import { type Fd, type FdNumber, tryInvoke } from '@nsinit/syscall';
import { removeCgroup } from '../cgroups.ts';
import type { ContainerAccess } from '../container-access.ts';
import { ContainerError } from '../errors.ts';
import { watchMemoryKills } from '../memory-kill.ts';
import { tearDownNetwork } from '../network/network.ts';
import type { Process } from '../process/process.ts';
import { openStdio, type Stdio } from '../process/stdio.ts';
import { openPidfd } from '../program/start.ts';
import { withInit } from '../state/with-init.ts';
import { cgroupRoots, checkNoneBelow } from './cgroup-places.ts';
import { finish, joinedNetwork } from './checkpoint.ts';
import { checkStreams, inheritedOf } from './descriptors.ts';
import { checkpointError, openJoined, realRoot } from './failure.ts';
import { checkImages, directoriesOf, type ImagesRecord, makeDirectory, readRecord } from './images.ts';
import { checkProcessLabel } from './label.ts';
import { LazyHandover } from './lazy-memory.ts';
import { checkMapped, checkOutside } from './mapped-places.ts';
import { clearMarker, isCheckpointed, setMarker } from './marker.ts';
import { restoredMounts } from './mounts.ts';
import { attachInterfaces, interfacePairs, interfacesAbove, makeInterfaces, markInterfacesAbove } from './network.ts';
import { deleteStrayTable } from './network-lock.ts';
import type { RestoreOptions, RestoreResult } from './options.ts';
import { checkOtherLabels } from './other-labels.ts';
import { SupervisedCriu } from './spawn.ts';
import { checkNetworks } from './strategies.ts';

/** Makes a container's processes from images. A failure leaves the images, and the container without processes. */
export async function restore(
  container: ContainerAccess,
  process: Process,
  options: RestoreOptions,
): Promise<RestoreResult> {
  process.take();
  try {
    return await container.store.locked('exclusive', () => restoreLocked(container, process, options), options.signal);
  } catch (error) {
    process.giveBack();
    throw error;
  }
}

async function restoreLocked(
  container: ContainerAccess,
  process: Process,
  options: RestoreOptions,
): Promise<RestoreResult> {
  const { store } = container;
  if (container.init() !== undefined)
    throw new ContainerError('ContainerNotStopped', 'the container runs already', { step: 'restore' });
  const { images, work } = directoriesOf(options, store.dir);
  checkImages(images);
  const record = readRecord(images);
  const before = container.state.get();
  checkNetworks(before.config, options.emptyNetworkNamespace ?? record.emptyNetwork ?? false, 'restore');
  checkOtherLabels(options);
  checkMapped(before.config, 'restore');
  checkOutside(before.config, [images, work]);
  realRoot(before.config, 'restore');
  makeDirectory(work);
  const wasCheckpointed = isCheckpointed(store);
  const manager = await container.group.fresh();
  const stdio = process.console
    ? openStdio(null, null, null)
    : openStdio(process.options.stdin, process.options.stdout, process.options.stderr);
  let launched: LaunchedProcess | undefined;
  try {
    const placement = await container.group.prepare('make the cgroup', manager);
    placement?.directory?.close();
    if (manager) await container.group.delegate(manager, placement);
    await tearDownNetwork(before.config, store.realDir());
    const restoring = new Restoring(container, process, options, manager, stdio, record);
    const result = await restoring.run(images, work);
    launched = restoring.launched;
    process.attach(launched, stdio.pumps, watchMemoryKills(manager));
    return result;
  } catch (error) {
    for (const pump of stdio.pumps) pump.stop();
    container.state.replace(before);
    if (wasCheckpointed) setMarker(store);
    await tearDownNetwork(before.config, store.realDir());
    await removeCgroup(manager);
    throw error;
  } finally {
    for (const fd of stdio.theirs) fd.close();
  }
}

class Restoring {
  readonly #container: ContainerAccess;
  readonly #process: Process;
  readonly #options: RestoreOptions;
  readonly #manager: Manager | undefined;
  readonly #stdio: Stdio;
  readonly #record: Partial<ImagesRecord>;
  #launched: LaunchedProcess | undefined;
  #console: Fd | undefined;

  constructor(
    container: ContainerAccess,
    process: Process,
    options: RestoreOptions,
    manager: Manager | undefined,
    stdio: Stdio,
    record: Partial<ImagesRecord>,
  ) {
    this.#container = container;
    this.#process = process;
    this.#options = options;
    this.#manager = manager;
    this.#stdio = stdio;
    this.#record = record;
  }

  /** The first process. */
  get launched(): LaunchedProcess {
    return { ...this.#launched!, console: this.#console };
  }

  async run(images: string, work: string): Promise<RestoreResult> {
    const { store, context } = this.#container;
    const { config } = this.#container.state.get();
    const rootfs = realRoot(config, 'restore');
    const mount = findNamespace(config.namespaces, 'NEWNS');
    const supervised = new SupervisedCriu({
      rootfs: mount && !mount.path ? rootfs : undefined,
      config,
      record: () => store.openRecord(),
      parentDeathSignal: config.parentDeathSignal || undefined,
      executor: context.initPath,
    });
    const criu = new Criu({ path: context.criuPath, spawn: supervised.spawn });
    const plain = new Criu({ path: context.criuPath });
    const network = findNamespace(config.namespaces, 'NEWNET');
    using joined = network?.path ? openJoined(network.path) : undefined;
    let lazy: LazyHandover | undefined;
    try {
      lazy = await finish(plain, () => LazyHandover.start(plain, this.#options, { images, work }), 'restore');
      const operation = criu.restore({
        ...(await this.#compile(joined)),
        root: rootfs,
        imagesDirectory: realpathSync(images),
        workDirectory: realpathSync(work),
      });
      return await finish(
        plain,
        async () => {
          for await (const notification of operation) {
            this.#options.onStep?.(notification.script);
            await this.#answer(notification, supervised);
            notification.accept();
            if (notification.script === 'setup-namespaces') await this.#place(notification.pid);
          }
          const { statistics } = await operation.result();
          clearMarker(store);
          return { statistics, lazyMemory: lazy?.keep(this.launched.pid) };
        },
        'restore',
      );
    } catch (error) {
      await this.#giveUp();
      throw lazy ? checkpointError(await lazy.giveUp(error), 'restore') : error;
    }
  }

  async #compile(joined: Fd | undefined): Promise<Omit<CriuRestoreOptions, 'imagesDirectory'>> {
    const { store } = this.#container;
    const record = this.#record;
    const { config } = this.#container.state.get();
    const { onStep: _, imagesDirectory: __, workDirectory: ___, ...common } = this.#options;
    // Images of others tell what pipes were only.
    const keys = record.keys ?? record.descriptors?.map((link) => (/^(pipe|socket):/.test(link) ? link : null)) ?? [];
    const inherited: { readonly key: string; readonly fd: FdNumber }[] = this.#process.console
      ? []
      : [...inheritedOf(keys, this.#stdio.fds)];
    checkStreams(inherited);
    const strict = this.#manager && !this.#placesItself && this.#cgroupsMode === 'strict';
    if (strict) checkNoneBelow(this.#manager);
    if (joined) inherited.push({ key: joinedNetwork, fd: joined });
    return {
      ...common,
      asSibling: true,
      evasiveDevices: true,
      networkLock: common.networkLock ?? record.networkLock,
      orphanPtsMaster: true,
      externalMounts: restoredMounts(config, record.mounts, this.#manager?.paths()),
      inheritFds: inherited,
      emptyNetworkNamespace: this.#emptyNetwork || undefined,
      ...(this.#emptyNetwork
        ? {}
        : {
            veths: interfacePairs(config, store.realDir()),
            external: interfacesAbove(config).map(({ inside, outside }) => `macvlan[${inside}]:${outside}`),
          }),
      ...(this.#placesItself ? { manageCgroupsMode: this.#cgroupsMode ?? 'ignore' } : {}),
      // The container's own group is there, and criu would have none.
      ...(strict ? { manageCgroupsMode: 'full' } : {}),
      cgroupRoots: this.#manager && !this.#placesItself ? await cgroupRoots(this.#manager) : [],
      ...(common.shellJob ? { stdio: this.#stdio.fds } : {}),
    };
  }

  async #answer(
    notification: { readonly script: string; readonly pid: number | undefined; takeFd(): Fd | undefined },
    supervised: SupervisedCriu,
  ): Promise<void> {
    const { store, state } = this.#container;
    const { config } = state.get();
    switch (notification.script) {
      case 'orphan-pts-master':
        if (!this.#process.console)
          throw new ContainerError('ConfigInvalid', 'the checkpointed process has a terminal', {
            step: 'restore',
            hint: 'give the process a console',
          });
        this.#console = notification.takeFd();
        return;
      case 'post-restore': {
        const pid = notification.pid!;
        if (this.#process.console && !this.#console)
          throw new ContainerError('ConfigInvalid', 'the checkpointed process has no terminal', {
            step: 'restore',
            hint: 'restore it without a console',
          });
        this.#launched = supervised.launched.adopt(pid, openPidfd(pid));
        state.update(withInit(state.get(), pid));
        return;
      }
      case 'pre-resume':
        await checkProcessLabel(config, this.#options, this.#launched!.pid);
        // From here on criu does not give up any more.
        clearMarker(store);
        if (this.#record.strayTable) await deleteStrayTable(this.#record.strayTable, this.#launched!.pid);
        return;
      case 'setup-namespaces':
        if (this.#emptyNetwork) await makeInterfaces(config, store.realDir(), notification.pid!);
        return;
      case 'network-unlock':
        if (this.#emptyNetwork) return;
        await attachInterfaces(config, store.realDir());
        await markInterfacesAbove(config, store.realDir(), this.#launched!.pid);
    }
  }

  /**
   * Puts the first process into its group while criu makes its namespaces: a kernel may let the first move of a while wait
   * for milliseconds. criu asks again before it makes the other processes, and reads memory.
   */
  async #place(pid: number | undefined): Promise<void> {
    if (this.#placesItself && this.#manager && pid !== undefined) await this.#container.group.apply(this.#manager, pid);
  }

  /** Whether the network namespace is made anew, with its interfaces. */
  get #emptyNetwork(): boolean {
    return this.#options.emptyNetworkNamespace ?? this.#record.emptyNetwork ?? false;
  }

  /** What the caller asks of criu; images that tell nothing of control groups leave nothing to ask. */
  get #cgroupsMode(): RestoreOptions['manageCgroupsMode'] {
    return this.#record.oneGroup ? 'ignore' : this.#options.manageCgroupsMode;
  }

  /** criu leaves processes where they are made: systemd makes a scope around one that is there. */
  get #placesItself(): boolean {
    const mode = this.#cgroupsMode;
    return mode === 'ignore' || mode === 'none' || this.#manager?.driver === 'systemd';
  }

  /** criu ends what it has made; what it let go already ends here. */
  async #giveUp(): Promise<void> {
    this.#console?.close();
    if (!this.#launched) return;
    tryInvoke('pidfd_send_signal', { pidfd: this.#launched.pidfd, sig: 9, flags: 0 });
    await this.#launched.exited.catch(() => {});
    this.#launched.close();
  }
}
