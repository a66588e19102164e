import type { Support } from '@nsinit/landlock';
import type { AppArmorSupport, SelinuxSupport } from '@nsinit/lsm';
import type { MountinfoEntry } from '@nsinit/mount';
import type { NamespaceKind, SubordinateRange } from '@nsinit/namespaces';

/** How an attempt failed. */
export interface Failure {
  /** Name of the error number: `EPERM`; undefined when the failure had none. */
  readonly errno: string | undefined;
  readonly message: string;
}

/** The result of trying something. */
export type Attempt = 'ok' | Failure;

/** The result of trying to start a container: a failure may say what to do about it. */
export type StartAttempt = 'ok' | (Failure & { readonly hint?: string });

/** A program that was looked for in PATH. */
export interface ProgramFact {
  readonly path: string;
  /** Whether it is owned by root and has the set-user-id bit. */
  readonly setuid: boolean;
  /** Whether it carries file capabilities. capabilities(7) */
  readonly fileCapabilities: boolean;
  /** Last line of what it says of its version; undefined: it was not asked. */
  readonly version?: string;
}

/** What criu can do with this kernel, or why it can do nothing. */
export type CheckpointFact =
  | {
      /** Changed pages are remembered. */
      readonly memoryTracking: boolean;
      /** Memory can be fetched when it is needed. */
      readonly lazyPages: boolean;
    }
  | { readonly message: string; readonly remedy?: string };

/** Everything that is known of a host. It is collected in one place and judged in others, which read nothing. */
export interface Facts {
  /** As uname(2) tells it: `6.1.0-18-amd64`. */
  readonly kernelRelease: string;
  /** Name of Node's architecture: `x64`. */
  readonly architecture: string;
  readonly uid: number;
  /** Login name of the user; undefined: the host has no entry for it. */
  readonly userName: string | undefined;
  /** Whether this process may gain no privileges by executing programs. prctl(2), PR_SET_NO_NEW_PRIVS */
  readonly noNewPrivileges: boolean;
  /** Effective capabilities of this process. */
  readonly capabilities: bigint;
  /** What each kind of namespace says. */
  readonly namespaces: Readonly<Record<NamespaceKind, NamespaceFact>>;
  readonly mounts: readonly MountinfoEntry[];
  /** Contents of `cgroup.controllers` of the cgroup2 file system; undefined without one. */
  readonly unifiedControllers: readonly string[] | undefined;
  /** The group of cgroup2 in which containers without a place of their own get theirs; undefined without cgroup2. */
  readonly ownCgroup: CgroupFact | undefined;
  /** systemd, where it is the first process; undefined elsewhere. */
  readonly systemd: SystemdFact | undefined;
  /** Directory of the containers' states, or why there is none. */
  readonly stateRoot: string | Failure;
  /** Actions of seccomp filters; undefined when the kernel has none. */
  readonly seccompActions: readonly string[] | undefined;
  /** Security modules in use; undefined when securityfs is not mounted. */
  readonly securityModules: readonly string[] | undefined;
  /** Whether profiles and labels can be used, or why not. */
  readonly appArmor: AppArmorSupport;
  readonly seLinux: SelinuxSupport;
  /** Version of Landlock, or why there is none. */
  readonly landlock: Support;
  /** File systems that the kernel has or can load. */
  readonly filesystems: ReadonlySet<string>;
  readonly criu: ProgramFact | undefined;
  /** What criu says; undefined: it could not be asked. */
  readonly checkpoint: CheckpointFact | undefined;
  /** What makes networks of the type user. */
  readonly pasta: ProgramFact | undefined;
  readonly slirp4netns: ProgramFact | undefined;
  /** Whether this user can open /dev/net/tun, which those need; undefined: there is none. */
  readonly tunDevice: boolean | undefined;
  readonly newuidmap: ProgramFact | undefined;
  readonly newgidmap: ProgramFact | undefined;
  readonly subuids: readonly SubordinateRange[];
  readonly subgids: readonly SubordinateRange[];
  /** Values of sysctls; one that does not exist is undefined. */
  readonly sysctls: Readonly<Record<SysctlName, string | undefined>>;
  /** Limits of open files of this process; undefined is unlimited. */
  readonly openFiles: { readonly soft: number | undefined; readonly hard: number | undefined };
  /** The executor, and how a run of it ended. */
  readonly executor: { readonly path: string; readonly run: Attempt };
  /** How the start of a container of the template ended. */
  readonly start: StartAttempt;
}

/** A group of cgroup2 that holds the one of this process. */
export interface CgroupFact {
  readonly path: string;
  /** Whether this user may make groups below it, and move processes there. */
  readonly writable: boolean;
  /** The controllers that groups below have, or that this user may give to them. */
  readonly controllers: readonly string[];
}

/** systemd as a keeper of control groups. */
export interface SystemdFact {
  /** Number of its version, of the running one where it answers; undefined: nobody says. */
  readonly version: number | undefined;
  /** Whether it answers on the bus: that of the system for root, the user's own for others. */
  readonly bus: Attempt;
  /** For users other than root: the controllers that the user's own manager was given; undefined: it does not run. */
  readonly userControllers: readonly string[] | undefined;
}

/** One kind of namespace on a host. */
export interface NamespaceFact {
  /** Whether the kernel knows the kind. */
  readonly present: boolean;
  /** How many there may be for one user; undefined: no such limit. */
  readonly limit: number | undefined;
  /** How making one ended. */
  readonly attempt: Attempt;
}

/** Sysctls that are looked at. */
export const sysctlNames = [
  'kernel.unprivileged_userns_clone',
  'kernel.apparmor_restrict_unprivileged_userns',
  'user.max_user_namespaces',
  'vm.memfd_noexec',
  'kernel.pid_max',
  'fs.nr_open',
  'kernel.pty.max',
] as const;

/** One of {@link sysctlNames}. */
export type SysctlName = (typeof sysctlNames)[number];
