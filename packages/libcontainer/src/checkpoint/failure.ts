import { CriuError } from '@nsinit/criu';
import { asContainerError, ContainerError } from '../errors.ts';

/** A failure of criu, with the decisive line of its log as it quotes it. */
export function checkpointError(error: unknown, step: 'checkpoint' | 'restore'): ContainerError {
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
