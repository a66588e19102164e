import { accessSync, constants, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Fd, FdNumber } from '@nsinit/syscall';
import { criuError } from '../failure.ts';
import type { RequestType, RpcMessage } from '../messages/rpc.ts';
import { compileOptions, type ImageOptions } from '../options.ts';
import { openDirectory } from './directory.ts';
import { CriuOperation } from './operation.ts';
import { type Command, firstInherited, Session } from './session.ts';

const defaultGraceMs = 10_000;

/** Which request it is, and what its success means. */
export interface ImageRequest<R> {
  readonly type: RequestType;
  /** As messages and the log's name have it: `pre-dump`. */
  readonly name: string;
  /** Name of the statistics that it writes. */
  readonly statistics: string;
  readonly finish: (response: RpcMessage<'criu_resp'>, workDirectory: string) => Promise<R>;
  readonly stdio?: readonly [FdNumber, FdNumber, FdNumber] | undefined;
  readonly inherited?: readonly FdNumber[] | undefined;
}

/** Starts an operation on images: directories are opened here and held to its end. */
export function imageOperation<R>(command: Command, options: ImageOptions, request: ImageRequest<R>): CriuOperation<R> {
  const workDirectory = options.workDirectory ?? options.imagesDirectory;
  const logPath = join(workDirectory, options.logFile ?? `${request.name}.log`);
  const held: Fd[] = [];
  const start = async (): Promise<Session> => {
    const open = (path: string): number => {
      const fd = openDirectory(path);
      held.push(fd);
      return fd.fd;
    };
    const compile = (root: string): RpcMessage<'criu_opts'> =>
      compileOptions(options, `${request.name}.log`, {
        imagesDirectory: open(`${root}${options.imagesDirectory}`),
        workDirectory: options.workDirectory === undefined ? undefined : open(`${root}${options.workDirectory}`),
        firstInherited,
      });
    // Before anything is started, so that what does not exist is told first.
    let opts = compile('');
    // criu takes a file of settings that is not there for none.
    if (options.configFile !== undefined) accessSync(options.configFile, constants.R_OK);
    // criu takes a parent that is not there for none, and would write everything without a word.
    if (opts.parent_img !== undefined) openDirectory(join(options.imagesDirectory, opts.parent_img)).close();
    // What an earlier operation left would be taken for this one's, if criu failed before it wrote its own.
    for (const stale of [logPath, join(workDirectory, request.statistics)]) rmSync(stale, { force: true });
    const session = await Session.start(request.name, command, request);
    const { root } = session.process;
    try {
      if (root !== undefined) opts = compile(root);
      session.send({ type: request.type, opts });
    } catch (error) {
      // Nobody else knows of it yet.
      session.process.kill();
      await session.end();
      throw error;
    }
    return session;
  };
  return new CriuOperation<R>(
    {
      start,
      finish: (response) => request.finish(response, workDirectory),
      fail: (failure) => criuError(request.name, failure, logPath),
      release: () => {
        for (const fd of held.splice(0)) fd.close();
      },
    },
    options.signal,
    options.abortGraceMs ?? defaultGraceMs,
  );
}
