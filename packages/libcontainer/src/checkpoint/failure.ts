import { realpathSync } from 'node:fs';
import type { Config } from '@nsinit/config';
import { CriuError } from '@nsinit/criu';
import { openNamespace } from '@nsinit/namespaces';
import type { Fd } from '@nsinit/syscall';
import { asContainerError, ContainerError } from '../errors.ts';

/** A failure of criu, with the decisive line of its log as it quotes it. */
export function checkpointError(error: unknown, step: 'checkpoint' | 'restore'): ContainerError {
  if (error instanceof ContainerError) return error;
  if (!(error instanceof CriuError)) return asContainerError(error, `cannot ${step} the container`, { step });
  const { remedy, logPath } = error;
  // The remedy stands behind the message, and is a hint of its own here.
  const message =
    remedy && error.message.endsWith(`; ${remedy}`) ? error.message.slice(0, -remedy.length - 2) : error.message;
  return new ContainerError('SystemError', message, {
    step,
    ...(error.code === undefined ? {} : { errno: error.code }),
    ...(logPath === undefined ? {} : { path: logPath }),
    ...(remedy === undefined ? {} : { hint: remedy }),
    cause: error,
  });
}

/** The path of the root file system without links. @throws {ContainerError} SystemError when it is not there. */
export function realRoot({ rootfs }: Config, step: 'checkpoint' | 'restore'): string {
  try {
    return realpathSync(rootfs);
  } catch (error) {
    throw asContainerError(error, `rootfs: cannot find ${rootfs}`, { step, field: 'rootfs', path: rootfs });
  }
}

/** Opens the network namespace that a container joins. @throws {ContainerError} SystemError when it is not there. */
export function openJoined(path: string): Fd {
  try {
    return openNamespace(path);
  } catch (error) {
    throw asContainerError(error, `namespaces: cannot open the network namespace ${path}`, {
      step: 'restore',
      field: 'namespaces',
      path,
    });
  }
}
