import { setTimeout as delay, setImmediate as nextTurn } from 'node:timers/promises';
import { decodeStruct, errnos, fdAt, sizeOf, syscallError, tryInvoke } from '@nsinit/syscall';
import { type ExitStatus, exitStatus } from './exit-status.ts';

/** How many turns of the event loop to try at once before trying once a millisecond. */
const eagerTurns = 64;

/**
 * Waits for a child that is about to end, without blocking the event loop, and removes it from the process table.
 *
 * @throws {SyscallError} ECHILD when the process is no child of ours.
 */
export async function reap(pid: number): Promise<ExitStatus> {
  const info = Buffer.alloc(sizeOf('siginfo'));
  const args = { idtype: 'P_PID', id: fdAt(pid), infop: info, options: ['WEXITED', 'WNOHANG'] } as const;
  for (let turn = 0; ; turn++) {
    const result = tryInvoke('waitid', args);
    if (result < 0 && result !== -errnos.EINTR) throw syscallError('waitid', args, -result);
    const found = decodeStruct('siginfo', new DataView(info.buffer, info.byteOffset));
    if (result === 0 && found['si_signo'] === 17)
      return exitStatus(Number(found['si_code']), Number(found['si_status']));
    if (turn < eagerTurns) await nextTurn();
    else await delay(1);
  }
}
