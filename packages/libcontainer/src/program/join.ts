import type { Config } from '@nsinit/config';
import { compileConsole, compileMakeDirectory } from '@nsinit/mount';
import { type DescriptorSource, type LaunchPlan, type NamespaceKind, planLaunch } from '@nsinit/namespaces';
import { AT_FDCWD, type ProgramBuilder } from '@nsinit/syscall';
import { becomeMappedRoot } from '../rootless/mapped-root.ts';
import { compileFinish } from './finish.ts';
import type { DecidedStart } from './how.ts';
import { compileOomScoreAdj } from './oom.ts';
import { consoleLabel } from './relabel.ts';
import { compileRlimits } from './rlimits.ts';
import type { ProcessSettings } from './settings.ts';

/** The files that a joining process's plan leaves to its launch. */
export const joinFiles = {
  /** A pidfd of the container's first process. */
  init: { name: 'init' },
  /** The cgroup's directory. */
  cgroup: { name: 'cgroup' },
} as const satisfies Record<string, DescriptorSource>;

/** What a process that joins a container is started with beside configuration and settings. */
export interface JoinOptions extends DecidedStart {
  /** The namespaces of init that are not ours. */
  readonly kinds: readonly NamespaceKind[];
}

/** Writes the program of a process that joins a running container: it has everything that init has. */
export function planJoin(config: Config, settings: ProcessSettings, options: JoinOptions): LaunchPlan {
  const userNamespace = options.kinds.includes('NEWUSER');
  const setOomScoreAdj = (b: ProgramBuilder) => compileOomScoreAdj(b, config.oomScoreAdj);
  const parentDeathSignal = config.parentDeathSignal || undefined;
  return planLaunch(
    {
      enter: {
        pidfd: joinFiles.init,
        kinds: options.kinds,
        ...(userNamespace ? {} : { before: setOomScoreAdj }),
      },
      ...(userNamespace ? { inherited: setOomScoreAdj } : {}),
      extraFiles: settings.extraFiles,
      supervisor: options.supervisor,
      barrier: options.place.applied,
      ...(options.place.born ? { cgroup: joinFiles.cgroup } : {}),
      ...(parentDeathSignal === undefined ? {} : { parentDeathSignal }),
    },
    (b, child) => {
      if (userNamespace) becomeMappedRoot(b);
      b.call('setsid', {}, { what: 'lead a session of its own', on: { EPERM: 'ignore' } });
      compileRlimits(b, config.rlimits ?? []);
      const root = b.call(
        'openat',
        { dirfd: AT_FDCWD, pathname: '/', flags: ['O_PATH', 'O_DIRECTORY', 'O_CLOEXEC'] },
        { as: 'root', what: 'open the container\u2019s root' },
      );
      if (settings.terminal !== undefined)
        compileConsole(b, {
          root,
          socket: child.control,
          uid: settings.terminal,
          ...consoleLabel(config),
          bindConsole: false,
        });
      compileMakeDirectory(b, settings.cwd, { root });
      compileFinish(b, {
        ...settings,
        root,
        umask: config.umask,
        filter: options.filter,
        parentDeathSignal,
        firstPrivate: child.firstPrivate,
        control: child.control,
      });
    },
  );
}
