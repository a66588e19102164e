import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '@nsinit/config';
import { vi } from 'vitest';
import type { CheckpointOptions, CheckpointResult, RestoreOptions, RestoreResult } from '../checkpoint/options.ts';
import type { Container } from '../container.ts';
import type { Factory, FactoryOptions } from '../factory.ts';
import { Process, type ProcessOptions } from '../process/process.ts';
import { Capture } from './capture.ts';
import { testCriu } from './criu.ts';
import { environment, type Running, type Sandbox, start, type TestStartOptions } from './sandbox.ts';

/** Waits until something holds, for as long as criu may take on a busy machine. */
export function eventually<T>(probe: () => T | Promise<T>): Promise<T> {
  return vi.waitFor(probe, { timeout: 45_000, interval: 10 });
}

/** A container that a test checkpoints and restores; disposing it removes it, its images and what it runs. */
export class Checkpointed implements AsyncDisposable {
  readonly container: Container;
  readonly factory: Factory;
  readonly #sandbox: Sandbox;
  readonly #images: string;
  readonly #more: Container[] = [];
  #count = 0;

  private constructor(sandbox: Sandbox, factory: Factory, container: Container) {
    this.#sandbox = sandbox;
    this.factory = factory;
    this.container = container;
    this.#images = mkdtempSync(join(sandbox.dir, 'images-'));
  }

  static async create(
    sandbox: Sandbox,
    config: Config = sandbox.config(),
    criuPath: string = testCriu(),
    options: FactoryOptions = {},
  ): Promise<Checkpointed> {
    const factory = await sandbox.factory({ criuPath, ...options });
    return new Checkpointed(sandbox, factory, await factory.create(sandbox.nextId(), config));
  }

  /** A new directory for images, or the path of an earlier one. */
  images(name = `${this.#count++}`): string {
    return join(this.#images, name);
  }

  /** A copy of images, with the first ones gone. */
  moved(images: string): string {
    const copy = this.images();
    // With their owner, who may be root of a user namespace.
    execFileSync('cp', ['--archive', images, copy]);
    rmSync(images, { recursive: true });
    return copy;
  }

  run(args: readonly string[], options?: TestStartOptions): Promise<Running> {
    return start(this.container, args, options);
  }

  /** Checkpoints into a directory of its own. */
  save(options: CheckpointOptions = {}): Promise<CheckpointResult> {
    return this.container.checkpoint({ imagesDirectory: this.images(), ...options });
  }

  /** Restores with captured output. */
  async restore(
    imagesDirectory: string,
    options: RestoreOptions & { readonly process?: Partial<ProcessOptions>; readonly into?: Container } = {},
  ): Promise<Running> {
    return (await this.restoreWith(imagesDirectory, options)).running;
  }

  /** The same, with what the restore tells. */
  async restoreWith(
    imagesDirectory: string,
    options: RestoreOptions & { readonly process?: Partial<ProcessOptions>; readonly into?: Container } = {},
  ): Promise<RestoreResult & { readonly running: Running }> {
    const { process: own, into = this.container, ...rest } = options;
    const stdout = new Capture();
    const stderr = new Capture();
    const process = new Process({ args: [], env: environment, stdout, stderr, ...own });
    const told = await into.restore(process, { imagesDirectory, ...rest });
    const result = process.wait().then(({ exitCode, signalNumber }) => ({
      stdout: stdout.text(),
      stderr: stderr.text(),
      status: exitCode ?? -signalNumber!,
    }));
    return { ...told, running: { process, stdout, stderr, result } };
  }

  /** Another container of the same root directory. */
  async another(config: Config = this.#sandbox.config()): Promise<Container> {
    const container = await this.factory.create(this.#sandbox.nextId(), config);
    this.#more.push(container);
    return container;
  }

  /** The text of a file in the root file system. */
  read(path: string): string {
    return readFileSync(join(this.#sandbox.rootfs, path), 'utf8');
  }

  /** The last line that a counter has written there. */
  count(path = 'tmp/count'): number {
    const lines = this.read(path).split('\n');
    return Number(lines.at(-2));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const container of [this.container, ...this.#more]) await container.destroy({ force: true });
    rmSync(this.#images, { recursive: true });
  }
}

/** A script that writes numbers, one after the other, and never twice. */
export const counter = 'i=0; while :; do i=$((i+1)); echo $i >> /tmp/count; usleep 10000; done';
