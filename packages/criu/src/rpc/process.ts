import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { type FdNumber, tryInvoke } from '@nsinit/syscall';

/** How a process ended: an exit status, or the name of the signal that killed it. */
export interface CriuExit {
  readonly code: number | null;
  readonly signal: string | null;
}

/** A running criu. */
export interface CriuProcess {
  readonly pid: number;
  /**
   * Its root directory as this process sees it, `/proc/PID/root`, when it has a mount namespace of its own: there it can
   * mount nothing on directories of others. The directories of an operation are absolute paths without symbolic links
   * then. Undefined: it is ours.
   */
  readonly root?: string | undefined;
  /** Fulfilled when it ended and was reaped. */
  readonly exited: Promise<CriuExit>;
  /** Kills it and its children with SIGKILL; does nothing when it ended already. */
  kill(): void;
}

/** What a way of starting criu may be asked for beside. */
export interface SpawnSettings {
  /** Make it the leader of a session of its own: no terminal's signals reach it, and it outlives this process. */
  readonly session?: boolean | undefined;
}

/**
 * Starts criu with exactly the given descriptors: `descriptors[n]` becomes n.
 *
 * A restored tree that is asked for as a sibling becomes a child of criu's parent: a caller whose containers belong to
 * another process starts criu from there.
 *
 * @throws with `code: 'ENOENT'` when there is no such program.
 */
export type SpawnCriu = (
  argv: readonly string[],
  descriptors: readonly FdNumber[],
  env: Readonly<Record<string, string>>,
  how?: SpawnSettings,
) => CriuProcess | Promise<CriuProcess>;

/** As a child of this process. */
export const spawnChild: SpawnCriu = async (argv, descriptors, env, { session = false } = {}) => {
  const child = spawn(argv[0]!, argv.slice(1), { stdio: descriptors.map(({ fd }) => fd), env, detached: session });
  const exited = new Promise<CriuExit>((resolve) => {
    child.once('exit', (code, signal) => resolve({ code, signal }));
  });
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', reject);
  });
  return {
    pid: child.pid!,
    exited,
    kill: () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      // What criu forked, to work or to become the restored tree, would go on without it.
      for (const pid of childrenOf(child.pid!)) tryInvoke('kill', { pid, sig: SIGKILL });
      child.kill('SIGKILL');
    },
  };
};

const SIGKILL = 9;

/** The children of a process's first thread, which is criu's only one. None after its end. */
function childrenOf(pid: number): readonly number[] {
  try {
    const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
    return text.split(' ').filter(Boolean).map(Number);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ESRCH') return [];
    throw error;
  }
}

/** `exit status 1`, `killed by SIGKILL` */
export function describeExit({ code, signal }: CriuExit): string {
  return signal === null ? `exit status ${code}` : `killed by ${signal}`;
}
