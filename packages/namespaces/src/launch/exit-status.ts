import { constants as osConstants } from 'node:os';
import { constant, decodeStruct, sizeOf } from '@nsinit/syscall';

/** How a process ended. */
export interface ExitStatus {
  /** Its exit code, 0 to 255; undefined when a signal ended it. */
  readonly exitCode: number | undefined;
  /** The signal that ended it: `SIGKILL`. */
  readonly signal: NodeJS.Signals | `SIG${number}` | undefined;
  /** The signal's number. */
  readonly signalNumber: number | undefined;
  /** Whether it left a core dump. */
  readonly coreDumped: boolean;
}

/** Of two names for one number the first counts, which is the one of signal(7): SIGABRT, not SIGIOT. */
const signalNames = new Map(
  Object.entries(osConstants.signals)
    .reverse()
    .map(([name, number]) => [number, name]),
);

/** The name of a signal; real-time signals without a name of their own are `SIG34`. */
export function signalName(number: number): NodeJS.Signals | `SIG${number}` {
  return (signalNames.get(number) as NodeJS.Signals | undefined) ?? `SIG${number}`;
}

/** An exit status from what waitid(2) says: si_code and si_status. */
export function exitStatus(code: number, status: number): ExitStatus {
  if (code === constant('cld', 'CLD_EXITED'))
    return { exitCode: status, signal: undefined, signalNumber: undefined, coreDumped: false };
  return {
    exitCode: undefined,
    signal: signalName(status),
    signalNumber: status,
    coreDumped: code === constant('cld', 'CLD_DUMPED'),
  };
}

/** What the file of a supervisor says. */
export interface StatusRecord {
  /** Id of the process in the namespace of its starter; undefined when it was never created. */
  readonly pid: number | undefined;
  /** How it ended; undefined while it lives, or when its supervisor was killed. */
  readonly exit: ExitStatus | undefined;
}

/** Reads the file that a supervisor wrote: siginfo_t of waitid(2), then eight bytes with the process's id. */
export function parseStatusFile(bytes: Uint8Array): StatusRecord {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const size = sizeOf('siginfo');
  if (bytes.length < size + 8) return { pid: undefined, exit: undefined };
  const info = decodeStruct('siginfo', view);
  const pid = view.getInt32(size + 4, true);
  const ended = Number(info['si_code']) !== 0;
  return {
    pid: pid > 0 ? pid : undefined,
    exit: ended ? exitStatus(Number(info['si_code']), Number(info['si_status'])) : undefined,
  };
}

/** The exit code that a shell reports: 128 and the signal's number for a process that a signal ended. */
export function shellExitCode(status: ExitStatus): number {
  return status.exitCode ?? 128 + (status.signalNumber ?? 0);
}
