import { existsSync } from 'node:fs';
import type { Config } from '@nsinit/config';
import { containsNamespace, findNamespace } from '@nsinit/config';
import { compileRootfs, readMountinfo, revealingMounts } from '@nsinit/mount';
import {
  type ChildContext,
  type DescriptorSource,
  type LaunchPlan,
  type NamespaceJoin,
  type NamespaceKind,
  planLaunch,
} from '@nsinit/namespaces';
import { AT_FDCWD, type FdArg, type ProgramBuilder } from '@nsinit/syscall';
import { needsNetwork } from '../network/network.ts';
import { fitUserNamespace } from '../rootless/fit.ts';
import { plannedTrees } from '../rootless/id-mapped.ts';
import { becomeMappedRoot } from '../rootless/mapped-root.ts';
import { isHostsUser } from '../rootless/privileges.ts';
import { cgroupView } from './cgroup-view.ts';
import { compileFinish } from './finish.ts';
import type { DecidedStart } from './how.ts';
import { compileLoopback } from './loopback.ts';
import { compileOomScoreAdj } from './oom.ts';
import { consoleLabel, withoutRelabel } from './relabel.ts';
import { compileRlimits } from './rlimits.ts';
import type { ProcessSettings } from './settings.ts';

/** The files that a first process's plan leaves to its launch. */
export const initFiles = {
  /** Where the supervisor records the process. */
  record: { name: 'record' },
  /** What premount and postmount commands print. */
  commandOutput: { name: 'command output' },
  /** The cgroup's directory. */
  cgroup: { name: 'cgroup' },
} as const satisfies Record<string, DescriptorSource>;

/** Writes the program of a container's first process. */
export function planInit(config: Config, settings: ProcessSettings, options: DecidedStart): LaunchPlan {
  const { supervisor, place, filter } = options;
  const namespaces = config.namespaces ?? [];
  const fresh: NamespaceKind[] = namespaces.filter(({ path }) => !path).map(({ type }) => type);
  const joins: NamespaceJoin[] = namespaces.flatMap(({ type, path }, index) =>
    path ? [{ kind: type, path, field: `namespaces[${index}]` }] : [],
  );
  // In a user namespace the process may neither lower it nor, when its starter is not root, write the file at all.
  const userNamespace = containsNamespace(namespaces, 'NEWUSER');
  const parentDeathSignal = config.parentDeathSignal || undefined;
  return planLaunch(
    {
      newNamespaces: fresh,
      joins,
      extraFiles: settings.extraFiles,
      supervisor,
      // Without a supervisor nobody but the caller can write down that the process exists; one whose caller dies ends.
      barrier: fresh.includes('NEWUSER') || !supervisor || place.applied || needsNetwork(config),
      ...(parentDeathSignal === undefined ? {} : { parentDeathSignal }),
      ...(place.born ? { cgroup: initFiles.cgroup } : {}),
      ...(userNamespace ? { inherited: (b) => compileOomScoreAdj(b, config.oomScoreAdj) } : {}),
      statusFile: initFiles.record,
    },
    (b, child) => {
      if (fresh.includes('NEWUSER')) becomeMappedRoot(b);
      b.call('setsid', {}, { what: 'lead a session of its own', on: { EPERM: 'ignore' } });
      if (!userNamespace) compileOomScoreAdj(b, config.oomScoreAdj);
      const loopback = config.networks?.findIndex((network) => network.type === 'loopback') ?? -1;
      if (loopback >= 0) compileLoopback(b, `networks[${loopback}]`);
      compileRlimits(b, config.rlimits ?? []);
      const root = compileFileSystem(b, config, settings, child);
      compileNames(b, config);
      compileFinish(b, {
        ...settings,
        root,
        umask: config.umask,
        filter,
        parentDeathSignal,
        firstPrivate: child.firstPrivate,
        control: child.control,
      });
    },
  );
}

/** A joined mount namespace is somebody else's: its file systems stay as they are. */
function compileFileSystem(b: ProgramBuilder, config: Config, settings: ProcessSettings, child: ChildContext): FdArg {
  const mount = findNamespace(config.namespaces, 'NEWNS');
  if (!mount || mount.path)
    return b.call(
      'openat',
      { dirfd: AT_FDCWD, pathname: '/', flags: ['O_PATH', 'O_DIRECTORY', 'O_CLOEXEC'] },
      { as: 'root' },
    );
  const output = wantsCommands(config) ? child.descriptor(initFiles.commandOutput) : undefined;
  const fitted = withoutRelabel(fitUserNamespace(config));
  const trees = plannedTrees(fitted, child.descriptor);
  const { root } = compileRootfs(b, {
    config: fitted,
    // Nobody makes device nodes in a user namespace, be it the one that this process is in.
    userNamespace: containsNamespace(config.namespaces, 'NEWUSER') || isHostsUser(),
    nullStdio: settings.nullStreams.map(({ fd }) => fd),
    cwd: settings.cwd,
    kcore: existsSync('/proc/kcore'),
    cgroups: cgroupView(config),
    ...(trees ? { trees } : {}),
    ...(output ? { commands: { output, environment: hostEnvironment() } } : {}),
    ...(settings.terminal === undefined
      ? {}
      : { console: { socket: child.control, uid: settings.terminal, ...consoleLabel(config) } }),
    ...(config.noPivotRoot ? { hostMounts: revealingMounts(readMountinfo('self'), config.rootfs) } : {}),
  });
  return root;
}

function compileNames(b: ProgramBuilder, config: Config): void {
  if (config.hostname)
    b.call('sethostname', { name: config.hostname }, { what: 'set the host name', field: 'hostname' });
  if (config.domainname)
    b.call('setdomainname', { name: config.domainname }, { what: 'set the domain name', field: 'domainname' });
}

function wantsCommands(config: Config): boolean {
  return (config.mounts ?? []).some(({ premountCmds, postmountCmds }) => premountCmds?.length || postmountCmds?.length);
}

/** The environment of this process, for commands that have none of their own. */
function hostEnvironment(): readonly string[] {
  return Object.entries(process.env).map(([name, value]) => `${name}=${value}`);
}
