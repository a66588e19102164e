import type { Fd } from '@nsinit/syscall';
import type { StartOptions } from '../container-options.ts';
import { ContainerError } from '../errors.ts';
import type { ContainerFilter } from '../program/seccomp.ts';
import { type NotifyingProcess, sendToAgent } from './agent.ts';

/**
 * Who answers the calls that a filter asks about: the caller, or the agent of the configuration.
 *
 * @throws {ContainerError} ConfigInvalid when nobody does: such a process would never get anywhere.
 */
export function checkAnswered(filter: ContainerFilter | undefined, { onListener }: StartOptions): void {
  if (!filter?.notifies || onListener || filter.listenerPath) return;
  throw new ContainerError(
    'ConfigInvalid',
    'seccomp: a rule says SCMP_ACT_NOTIFY, and nobody listens: there is no listenerPath',
    {
      field: 'seccomp',
      hint: 'name the socket of an agent as listenerPath, or give the start an onListener',
    },
  );
}

/** Takes the listener of a process's filter and hands it on; undefined: there is none. */
export function listenerTaker(
  filter: ContainerFilter | undefined,
  { onListener }: StartOptions,
  about: (pid: number) => NotifyingProcess,
): ((listener: Fd, pid: number) => void) | undefined {
  if (!filter?.notifies) return undefined;
  if (onListener) return (fd, pid) => onListener(filter.listen(fd), pid);
  return (fd, pid) => {
    using listener = fd;
    sendToAgent(filter.listenerPath!, filter.listenerMetadata, listener, about(pid));
  };
}
