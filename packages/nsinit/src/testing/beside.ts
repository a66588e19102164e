import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Box, textOf, until } from './box.ts';
import { type Cli, finished, type Result } from './cli.ts';

/** A container that runs. */
export interface Running {
  readonly pid: number;
  /** Its directories by controller. */
  readonly groups: Readonly<Record<string, string>>;
}

/** Runs the body beside a container whose first process does this, and ends it then. */
export async function besideContainer(
  cli: Cli,
  box: Box,
  script: string,
  flags: readonly string[],
  body: (running: Running) => Promise<void>,
): Promise<Result> {
  const about = (command: string) => cli.run(['--root', box.state, command], { cwd: box.rootfs });
  const child = cli.start(box.exec(...flags, '/bin/sh', '-c', `touch /tmp/up; ${script}`), {
    cwd: box.rootfs,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = finished(child);
  const pid = Number(
    await until(
      () =>
        (child.exitCode !== null && 'ended') ||
        (existsSync(join(box.rootfs, 'tmp/up')) && textOf(join(box.rootfs, '.nspid'))),
    ),
  );
  if (Number.isNaN(pid)) throw new Error((await ended).stderr);
  try {
    const { stdout } = await about('state');
    const { cgroup_paths: groups } = JSON.parse(stdout) as { cgroup_paths: Running['groups'] };
    await body({ pid, groups });
  } finally {
    process.kill(pid, 'SIGKILL');
    await about('unpause'); // Version 1 kills nobody who is frozen.
  }
  return await ended;
}

/** A file of a controller's group: of version 1 where it is there, else of version 2. */
export function groupFile(
  { groups }: Running,
  controller: string,
  names: { readonly v1: string; readonly v2: string },
): { readonly version: 1 | 2; readonly text: string } {
  const v1 = groups[controller];
  return v1 === undefined
    ? { version: 2, text: readFileSync(join(groups['']!, names.v2), 'utf8').trim() }
    : { version: 1, text: readFileSync(join(v1, names.v1), 'utf8').trim() };
}
