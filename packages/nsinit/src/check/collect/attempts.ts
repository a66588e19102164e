import { chmodSync, copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ContainerError, createFactory, isRootless, Process, rootlessConfig, template } from '@nsinit/libcontainer';
import {
  joinOrder,
  launch,
  type NamespaceKind,
  namespacePath,
  nsexecPath,
  openNull,
  planLaunch,
  StepError,
} from '@nsinit/namespaces';
import { exitCodes } from '@nsinit/syscall';
import type { Attempt, Facts, NamespaceFact } from '../facts.ts';
import { readText } from './read.ts';

/** nsexec without a program says so and ends. */
const NO_PROGRAM = exitCodes.noProgram;

/** Starts nsexec in new namespaces of these kinds, where it ends at once. */
async function tryNamespaces(kinds: readonly NamespaceKind[]): Promise<Attempt> {
  const plan = planLaunch({ newNamespaces: kinds, supervisor: false }, (b) => {
    b.call('execve', { pathname: '/proc/self/exe', argv: ['nsexec'], envp: [] });
  });
  using nothing = openNull();
  try {
    const process = await launch(plan, { stdio: [nothing, nothing, nothing] });
    const { exitCode, signal } = await process.exited;
    process.close();
    if (exitCode === NO_PROGRAM) return 'ok';
    return { errno: undefined, message: `nsexec ended with ${signal ?? `exit code ${exitCode}`}` };
  } catch (error) {
    return failure(error);
  }
}

function failure(error: unknown): Exclude<Attempt, 'ok'> {
  const errno = error instanceof StepError ? error.code : (error as NodeJS.ErrnoException).code;
  return { errno, message: error instanceof Error ? error.message : String(error) };
}

/** Without privileges every other kind is made within a new user namespace. */
function kindsFor(kind: NamespaceKind): readonly NamespaceKind[] {
  return kind !== 'NEWUSER' && isRootless() ? ['NEWUSER', kind] : [kind];
}

/** What the host says to a new namespace of each kind. */
export async function collectNamespaces(): Promise<Facts['namespaces']> {
  const facts = new Map<NamespaceKind, NamespaceFact>();
  for (const kind of joinOrder) {
    const path = namespacePath('self', kind);
    const limit = readText(`/proc/sys/user/max_${path.split('/').at(-1)}_namespaces`);
    const present = existsSync(path);
    facts.set(kind, {
      present,
      limit: limit === undefined ? undefined : Number(limit),
      attempt: present
        ? await tryNamespaces(kindsFor(kind))
        : { errno: undefined, message: 'the kernel does not know it' },
    });
  }
  return Object.fromEntries(facts) as Facts['namespaces'];
}

/** Whether the executor runs, without any namespace. */
export async function tryExecutor(): Promise<Facts['executor']> {
  return { path: nsexecPath(), run: await tryNamespaces([]) };
}

/** Starts a container of the template whose only program is nsexec, in a directory of its own. */
export async function tryStart(): Promise<Facts['start']> {
  let work: string | undefined;
  try {
    work = mkdtempSync(join(tmpdir(), 'nsinit-check-'));
    const rootfs = join(work, 'rootfs');
    mkdirSync(rootfs);
    chmodSync(rootfs, 0o755);
    copyFileSync(nsexecPath(), join(rootfs, 'nsexec'));
    const factory = await createFactory(join(work, 'state'));
    const container = await factory.create(
      'check',
      isRootless() ? rootlessConfig(template({ rootfs })) : template({ rootfs }),
    );
    const process = new Process({ args: ['/nsexec'], env: [] });
    await container.start(process);
    const { exitCode, signal } = await process.wait();
    await container.destroy();
    if (exitCode === NO_PROGRAM) return 'ok';
    return { errno: undefined, message: `its process ended with ${signal ?? `exit code ${exitCode}`}` };
  } catch (error) {
    const hint = error instanceof ContainerError ? error.hint : undefined;
    return { ...failure(error), ...(hint === undefined ? {} : { hint }) };
  } finally {
    if (work !== undefined) rmSync(work, { recursive: true, force: true });
  }
}
