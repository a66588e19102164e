import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CriuError } from './errors.ts';
import { type LazyPages, type LazyPagesOptions, startLazyPages } from './lazy-pages.ts';
import type { RpcMessage } from './messages/rpc.ts';
import type { DumpOptions, PreDumpOptions, RestoreOptions } from './options.ts';
import { type PageServer, type PageServerOptions, startPageServer } from './page-server.ts';
import { call } from './rpc/call.ts';
import { openDirectory } from './rpc/directory.ts';
import { imageOperation } from './rpc/image-operation.ts';
import type { CriuOperation } from './rpc/operation.ts';
import { type SpawnCriu, spawnChild } from './rpc/process.ts';
import type { Command } from './rpc/session.ts';
import {
  type DumpStatistics,
  type RestoreStatistics,
  readDumpStatistics,
  readRestoreStatistics,
} from './statistics.ts';
import { type CriuVersion, compareVersions, formatVersion, minimumVersion, parseVersion } from './version.ts';

/** Which criu is used. */
export interface CriuSettings {
  /** A path, or a name to look for in PATH; by default `criu`. */
  readonly path?: string | undefined;
  /** By default this process's, with the sbin directories at the end of PATH: criu calls ip, nft and iptables. */
  readonly env?: Readonly<Record<string, string>> | undefined;
  /** How criu is started; by default as a child of this process. */
  readonly spawn?: SpawnCriu | undefined;
}

/** What a dump or pre-dump did. */
export interface DumpResult {
  /** Undefined when criu left no statistics. */
  readonly statistics: DumpStatistics | undefined;
}

/** What a restore did. */
export interface RestoreResult {
  /** The tree's root, as this process sees it. */
  readonly pid: number;
  /** Undefined when criu left no statistics. */
  readonly statistics: RestoreStatistics | undefined;
}

/** What kernel and criu can do together. */
export interface CriuFeatures {
  /** Which pages change can be remembered: pre-dumps and parent images. */
  readonly memoryTracking: boolean;
  /** userfaultfd(2) as lazy restores need it. */
  readonly lazyPages: boolean;
  /** Reused process ids are noticed between pre-dumps. */
  readonly pidfdStore: boolean;
}

interface Waiting {
  readonly signal?: AbortSignal | undefined;
}

/**
 * criu's service as a client sees it. Each call starts a criu of its own, which ends with the answer.
 *
 * Root, or CAP_CHECKPOINT_RESTORE and what criu(8) says beside it, is needed for everything but {@link Criu.version}.
 */
export class Criu {
  readonly #command: Command;

  constructor({ path = 'criu', env, spawn = spawnChild }: CriuSettings = {}) {
    this.#command = { path, env: env ?? defaultEnvironment(), spawn };
  }

  /**
   * Its release.
   *
   * @throws {CriuError} `missing`; `too-old` for one older than {@link minimumVersion}; `broken` for one that does not
   *   start, with what it printed.
   */
  async version({ signal }: Waiting = {}): Promise<CriuVersion> {
    const version = await this.#askVersion(signal);
    if (compareVersions(version, minimumVersion) >= 0) return version;
    const needed = formatVersion(minimumVersion);
    throw new CriuError(`${this.#command.path} is criu ${formatVersion(version)}, which is too old`, {
      kind: 'too-old',
      request: 'version',
      remedy: `install criu ${needed} or newer, or name its path`,
    });
  }

  async #askVersion(signal: AbortSignal | undefined): Promise<CriuVersion> {
    try {
      const { version } = await call(this.#command, 'version', { type: 'VERSION' }, { signal });
      if (version) return versionOf(version);
    } catch (error) {
      if (!(error instanceof CriuError) || (error.kind !== 'died' && error.kind !== 'failed')) throw error;
      // The oldest ones have no such request, and tell it on the command line only.
      return this.#printedVersion(error);
    }
    return this.#printedVersion(undefined);
  }

  #printedVersion(cause: unknown): CriuVersion {
    const { path, env } = this.#command;
    const { stdout, stderr, status } = spawnSync(path, ['--version'], { encoding: 'utf8', env, timeout: 10_000 });
    try {
      return parseVersion(stdout ?? '');
    } catch {
      const said = `${stdout ?? ''}${stderr ?? ''}`.trim().split('\n').slice(-3).join(' | ');
      throw new CriuError(`${path} does not work (--version ended with ${status}): ${said || 'it printed nothing'}`, {
        kind: 'broken',
        request: 'version',
        cause,
      });
    }
  }

  /**
   * Whether the kernel has everything that criu needs.
   *
   * @throws {CriuError} `failed` with the lines that name what is missing.
   */
  async check({ signal }: Waiting = {}): Promise<void> {
    const directory = mkdtempSync(join(tmpdir(), 'criu-check-'));
    try {
      using fd = openDirectory(directory);
      const opts = { images_dir_fd: fd.fd, work_dir_fd: fd.fd, log_file: 'check.log', log_level: 4 };
      await call(this.#command, 'check', { type: 'CHECK', opts }, { signal, logPath: join(directory, 'check.log') });
    } finally {
      rmSync(directory, { recursive: true });
    }
  }

  /** @throws {CriuError} */
  async features({ signal }: Waiting = {}): Promise<CriuFeatures> {
    const asked = { mem_track: true, lazy_pages: true, pidfd_store: true };
    const { features } = await call(
      this.#command,
      'feature-check',
      { type: 'FEATURE_CHECK', features: asked },
      { signal },
    );
    return {
      memoryTracking: features?.mem_track ?? false,
      lazyPages: features?.lazy_pages ?? false,
      pidfdStore: features?.pidfd_store ?? false,
    };
  }

  /** Writes a tree of processes into images, and ends it unless it is left running. Starts at once. */
  dump(options: DumpOptions): CriuOperation<DumpResult> {
    return imageOperation(this.#command, options, {
      type: 'DUMP',
      name: 'dump',
      statistics: 'stats-dump',
      finish: async (_, workDirectory) => ({ statistics: await readDumpStatistics(workDirectory) }),
    });
  }

  /** Writes the memory of a tree into images while it runs on, so that a later dump has less to write. */
  preDump(options: PreDumpOptions): CriuOperation<DumpResult> {
    const tracking = { ...options, raw: { track_mem: true, ...options.raw } };
    return imageOperation(this.#command, tracking, {
      type: 'SINGLE_PRE_DUMP',
      name: 'pre-dump',
      statistics: 'stats-dump',
      finish: async (_, workDirectory) => ({ statistics: await readDumpStatistics(workDirectory) }),
    });
  }

  /** Makes a tree of processes from images. */
  restore(options: RestoreOptions): CriuOperation<RestoreResult> {
    return imageOperation(this.#command, options, {
      type: 'RESTORE',
      name: 'restore',
      statistics: 'stats-restore',
      stdio: options.stdio,
      inherited: options.inheritFds?.map(({ fd }) => fd),
      finish: async (response, workDirectory) => ({
        pid: response.restore!.pid,
        statistics: await readRestoreStatistics(workDirectory),
      }),
    });
  }

  /**
   * Starts a server that receives the pages of one dump. With port 0, the default, the kernel chooses one.
   *
   * @throws {CriuError}
   */
  pageServer(options: PageServerOptions): Promise<PageServer> {
    return startPageServer(this.#command, options);
  }

  /**
   * Starts the program that hands memory over to a restore with `lazyPages`, which needs the same work directory. For one
   * dump, or from images that are complete.
   *
   * @throws {CriuError} `failed` when another one waits in that directory already.
   */
  lazyPages(options: LazyPagesOptions): Promise<LazyPages> {
    return startLazyPages(this.#command, options);
  }
}

function versionOf({ major_number, minor_number, sublevel, gitid }: RpcMessage<'criu_version'>): CriuVersion {
  const version = { major: major_number, minor: minor_number, sublevel: sublevel ?? 0 };
  return gitid === undefined ? version : { ...version, gitId: gitid };
}

function defaultEnvironment(): Readonly<Record<string, string>> {
  const own = Object.fromEntries(
    Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
  return {
    ...own,
    PATH: [own['PATH'], '/usr/local/sbin', '/usr/sbin', '/sbin', '/usr/bin', '/bin'].filter(Boolean).join(':'),
  };
}
