import { accessSync, existsSync, constants as fsConstants, statSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import {
  type CgroupDriver,
  type Config,
  ConfigError,
  type State,
  systemHost,
  validate,
  withDefaultMounts,
} from '@nsinit/config';
import { isMountpoint, readMountinfo } from '@nsinit/mount';
import { becomeExecutor } from '@nsinit/namespaces';
import { invoke } from '@nsinit/syscall';
import { cgroupManager } from './cgroups.ts';
import { Container } from './container.ts';
import type { ContainerContext } from './container-options.ts';
import { asContainerError, ContainerError, type ErrorFacts } from './errors.ts';
import { checkSecurityModules } from './program/confinement.ts';
import { freezeConfig } from './program/remember.ts';
import { makeRoot } from './state/lock.ts';
import { Store } from './state/store.ts';
import type { Validator } from './validate.ts';

/** How a factory works; everything has a default. */
export interface FactoryOptions {
  /** Path of the executor that runs a start, from a sealed copy; undefined: nsexec of @nsinit/namespaces. */
  readonly initPath?: string;
  /**
   * A program of one's own that is started in the executor's place, with its first arguments, and that calls
   * `startInitialization`; looked for in PATH when it holds no slash. undefined: none.
   */
  readonly initArgs?: readonly [string, ...string[]];
  /** The criu program. Default `criu`. */
  readonly criuPath?: string;
  /**
   * Who keeps the control groups of new containers: `cgroupfs`, the files alone, or `systemd`, which makes a transient scope
   * of each. Kept in a container's state, so that all who find it again use the same. Default cgroupfs.
   */
  readonly cgroupDriver?: CgroupDriver;
  /** Checks configurations in place of the default. */
  readonly validator?: Validator;
  /**
   * Whether a configuration without mounts on /proc, /dev and /dev/pts gets them: the samples of the original libcontainer
   * rely on it, and without /dev the device nodes would be written into the root file system. Default true.
   */
  readonly defaultMounts?: boolean;
  /** Mounts a tmpfs on the root directory when it is not a mount point yet, so that a reboot forgets all containers. */
  readonly tmpfsRoot?: boolean;
  /** Told of each phase of a start, with the milliseconds since its begin. */
  readonly trace?: (phase: string, elapsedMs: number) => void;
}

const defaultValidator: Validator = { validate: (config) => validate(config, systemHost()) };

/** Makes containers and finds them again. Several, in several processes, may share a root directory. */
export class Factory {
  /** Directory of the containers' states. */
  readonly root: string;
  /** Path of the executor; undefined: nsexec of @nsinit/namespaces. */
  readonly initPath: string | undefined;
  /** The program that is started in its place, found in PATH; undefined: none. */
  readonly initArgs: readonly [string, ...string[]] | undefined;
  /** The criu program. */
  readonly criuPath: string;
  /** Checks configurations. */
  readonly validator: Validator;
  /** Who keeps the control groups of new containers. */
  readonly cgroupDriver: CgroupDriver;
  readonly #defaultMounts: boolean;
  readonly #context: ContainerContext;

  /** Use {@link createFactory}. */
  constructor(root: string, options: FactoryOptions) {
    this.root = root === '' ? '' : resolve(root);
    const [name, ...args] = options.initArgs ?? [];
    this.initArgs = name === undefined ? undefined : [lookPath(name), ...args];
    this.initPath = options.initPath;
    this.criuPath = options.criuPath ?? 'criu';
    this.validator = options.validator ?? defaultValidator;
    this.cgroupDriver = options.cgroupDriver ?? 'cgroupfs';
    this.#defaultMounts = options.defaultMounts ?? true;
    this.#context = { initPath: this.initPath, initArgs: this.initArgs, criuPath: this.criuPath, trace: options.trace };
  }

  /** What kind of factory it is. */
  type(): 'libcontainer' {
    return 'libcontainer';
  }

  /**
   * Makes a container. No process is started yet. The configuration is frozen, with all that is in it: what was checked
   * is what will run. What `defaultMounts` added shows in the container's own configuration and in a printed plan.
   *
   * @throws {ContainerError} ConfigInvalid, InvalidIdFormat, IdInUse, SystemError; nothing is left then.
   */
  async create(id: string, config: Config): Promise<Container> {
    const store = new Store(this.root, id);
    const mounted = this.#defaultMounts ? withDefaultMounts(config).config : config;
    const complete = withCgroupName(mounted, id);
    this.#validate(freezeConfig(complete));
    checkSecurityModules(complete);
    const driver = this.cgroupDriver === 'systemd' ? { cgroupDriver: this.cgroupDriver } : {};
    const manager = await cgroupManager({ config: complete, cgroupPaths: {}, ...driver });
    const state: State = {
      id,
      initProcessPid: 0,
      initProcessStart: '',
      cgroupPaths: manager?.paths() ?? {},
      ...driver,
      namespacePaths: {},
      config: complete,
      created: new Date().toISOString(),
    };
    await store.create(state);
    return new Container(store, state, this.#context);
  }

  /**
   * Finds a container by its id, whoever made it.
   *
   * @throws {ContainerError} ConfigInvalid without a root, InvalidIdFormat, ContainerNotExists, SystemError.
   */
  async load(id: string): Promise<Container> {
    const store = new Store(this.root, id);
    if (!store.exists()) await store.sweep();
    return new Container(store, frozenState(store.read()), this.#context);
  }

  /**
   * Becomes the executor: for a program of one's own that was named by `initArgs`. Never returns.
   *
   * @throws {ContainerError} SystemError when this process was not started as an executor.
   */
  startInitialization(): never {
    try {
      return becomeExecutor(process.argv, this.initPath);
    } catch (error) {
      throw asContainerError(error, 'cannot initialise a container', {
        step: 'startInitialization',
        hint: 'it is called by a program that a factory starts because `initArgs` names it',
      });
    }
  }

  #validate(config: Config): void {
    try {
      this.validator.validate(config);
    } catch (error) {
      if (error instanceof ConfigError)
        throw new ContainerError('ConfigInvalid', error.message, {
          step: 'check the configuration',
          ...(error.problems[0] ? factsOf(error.problems[0].path, config) : {}),
          cause: error,
        });
      throw asContainerError(error, 'cannot check the configuration');
    }
  }
}

/**
 * Opens a directory of containers, made when it does not exist, for the owner alone.
 *
 * @param root absolute or relative; empty only for an executor, which needs none.
 * @throws {ContainerError} SystemError when the directory cannot be made.
 */
export async function createFactory(root: string, options: FactoryOptions = {}): Promise<Factory> {
  const factory = new Factory(root, options);
  if (factory.root === '') return factory;
  try {
    makeRoot(factory.root);
    if (options.tmpfsRoot) mountTmpfs(factory.root);
  } catch (error) {
    throw asContainerError(error, `cannot prepare the root directory ${factory.root}`, { path: factory.root });
  }
  return factory;
}

/** What the first problem is about: its field, and where that is a file of the host, which one and what is wrong with it. */
function factsOf(field: string, config: Config): ErrorFacts {
  const namespace = /^namespaces\[(\d+)\]/.exec(field)?.[1];
  const path = field === 'rootfs' ? config.rootfs : namespace && config.namespaces?.[Number(namespace)]?.path;
  if (!path) return { field };
  return existsSync(path) ? { field, path } : { field, path, errno: 'ENOENT' };
}

/** A control group without a name of its own has the container's. */
function withCgroupName(config: Config, id: string): Config {
  return config.cgroups && !config.cgroups.name ? { ...config, cgroups: { ...config.cgroups, name: id } } : config;
}

function frozenState(state: State): State {
  freezeConfig(state.config);
  return state;
}

function mountTmpfs(root: string): void {
  if (isMountpoint(readMountinfo('self'), root)) return;
  invoke('mount', { source: 'tmpfs', target: root, filesystemtype: 'tmpfs', mountflags: [], data: null });
}

/** A command's path as execvp(3) would find it; the name itself when it is not found. */
function lookPath(name: string): string {
  if (name.includes('/')) return name;
  const found = (process.env['PATH'] ?? '')
    .split(delimiter)
    .map((dir) => join(dir || '.', name))
    .find((path) => isExecutable(path));
  return found ?? name;
}

function isExecutable(path: string): boolean {
  if (statSync(path, { throwIfNoEntry: false })?.isFile() !== true) return false;
  try {
    accessSync(path, fsConstants.X_OK);
    return true;
  } catch {
    return false;
  }
}
