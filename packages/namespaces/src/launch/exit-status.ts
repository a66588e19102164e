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

const signalNames = new Map(Object.entries(osConstants.signals).map(([name, number]) => [number, name]));

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

/**
 * Reads the file that a supervisor wrote; undefined when the process has not ended (or its supervisor was killed).
 *
 * @throws {RangeError} when the content is not a siginfo_t.
 */
export function parseStatusFile(bytes: Uint8Array): ExitStatus | undefined {
  if (bytes.length === 0) return undefined;
  if (bytes.length !== sizeOf('siginfo'))
    throw new RangeError(`an exit status has ${sizeOf('siginfo')} bytes, not ${bytes.length}`);
  const info = decodeStruct('siginfo', new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  return exitStatus(Number(info['si_code']), Number(info['si_status']));
}

/** The exit code that a shell reports: 128 and the signal's number for a process that a signal ended. */
export function shellExitCode(status: ExitStatus): number {
  return status.exitCode ?? 128 + (status.signalNumber ?? 0);
}
