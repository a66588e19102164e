import type { Config } from '@nsinit/config';
import type { SpawnCriu } from '@nsinit/criu';
import { type AdoptingProcess, launchAdopting, planLaunch, StepError } from '@nsinit/namespaces';
import { type Fd, tryInvoke } from '@nsinit/syscall';
import { ContainerError } from '../errors.ts';
import { compileExecute } from '../program/execute.ts';
import { IdMappedTrees, plannedTrees } from '../rootless/id-mapped.ts';
import { childrenOf, parentOf } from '../state/proc.ts';
import { compileMappedPlaces } from './mapped-places.ts';

/** How a criu is started whose restored tree a supervisor takes over. */
export interface SupervisedOptions {
  /** Root of the tree on the host; undefined: it has no mount namespace of its own. */
  readonly rootfs: string | undefined;
  /** Which mounts of it are id-mapped. */
  readonly config: Config;
  /** Opens the record of the first process. */
  readonly record: () => Fd;
  /** Signal for the first process at the death of this one; undefined: none. */
  readonly parentDeathSignal: number | undefined;
  /** Path of the executor; undefined: the one of @nsinit/namespaces. */
  readonly executor: string | undefined;
}

const record = { name: 'record' };

const SIGKILL = 9;

/**
 * Starts criu as the child of a supervisor of ours. What it restores as its sibling is then the supervisor's child: that
 * is told which process it is, and waits for it as for any other first process.
 */
export class SupervisedCriu {
  readonly #options: SupervisedOptions;
  #launched: AdoptingProcess | undefined;

  constructor(options: SupervisedOptions) {
    this.#options = options;
  }

  /** The process that has been started last. */
  get launched(): AdoptingProcess {
    if (!this.#launched) throw new Error('criu was not started');
    return this.#launched;
  }

  readonly spawn: SpawnCriu = async (argv, descriptors, env) => {
    const { rootfs, config, parentDeathSignal, executor } = this.#options;
    const [stdin, stdout, stderr, ...extraFiles] = descriptors;
    const plan = planLaunch(
      {
        adopts: true,
        statusFile: record,
        extraFiles: extraFiles.length,
        newNamespaces: rootfs === undefined ? [] : ['NEWNS'],
        ...(parentDeathSignal === undefined ? {} : { parentDeathSignal }),
      },
      (b, { firstPrivate, descriptor }) => {
        if (rootfs !== undefined)
          // criu wants a mount point. One that nobody else sees needs no place of its own and is gone with criu.
          b.because({ what: 'make the root file system a mount point', field: 'rootfs' }, () => {
            const mount = { source: null, target: '/', filesystemtype: null, data: null } as const;
            b.call('mount', { ...mount, mountflags: ['MS_REC', 'MS_SLAVE'] });
            compileMappedPlaces(b, rootfs, plannedTrees(config, descriptor));
          });
        b.call('close_range', { first: firstPrivate, last: 0xffffffff, flags: ['CLOSE_RANGE_CLOEXEC'] });
        compileExecute(
          b,
          argv,
          Object.entries(env).map(([name, value]) => `${name}=${value}`),
        );
      },
    );
    try {
      using trees = await (rootfs === undefined ? undefined : IdMappedTrees.make(config));
      const launched = await launchAdopting(plan, {
        stdio: [stdin!, stdout!, stderr!],
        extraFiles,
        files: { [record.name]: this.#options.record, ...trees?.files },
        ...(executor === undefined ? {} : { executor }),
      });
      this.#launched = launched;
      let over = false;
      const exited = launched.exited.finally(() => {
        over = true;
        launched.close();
      });
      return {
        pid: launched.pid,
        root: rootfs === undefined ? undefined : `/proc/${launched.pid}/root`,
        exited: exited.then(({ exitCode, signal }) => ({ code: exitCode ?? null, signal: signal ?? null })),
        kill: () => {
          if (over) return;
          // What criu forked, to work or to become the restored tree, would go on without it.
          for (const pid of childrenOf(launched.pid)) tryInvoke('kill', { pid, sig: SIGKILL });
          // And what it has restored in part: a child of the supervisor, which has no other but criu.
          const supervisor = parentOf(launched.pid);
          for (const pid of supervisor === undefined || supervisor === process.pid ? [] : childrenOf(supervisor))
            tryInvoke('kill', { pid, sig: SIGKILL });
          tryInvoke('pidfd_send_signal', { pidfd: launched.pidfd, sig: SIGKILL, flags: 0 });
        },
      };
    } catch (error) {
      // That criu is missing is told as such: the error has its errno as its code, as that of child_process.
      if (error instanceof StepError && error.step.field === 'rootfs')
        throw new ContainerError('SystemError', error.message, { step: 'restore', field: 'rootfs', cause: error });
      throw error;
    }
  };
}
