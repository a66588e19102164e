import { spawnSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { AT_FDCWD, fdAt, hostArch, ProgramBuilder } from '@nsinit/syscall';
import { expect, it } from 'vitest';
import { compileAmbient, compileBounding, compileCapabilities, compileKeepCaps, compileSets } from './compile.ts';
import { lastCapability } from './last.ts';
import { type CapabilitySets, keepOnly, noCapabilities, parseCapabilitySets } from './sets.ts';
import { parseProcStatus } from './status.ts';
import { getThreadCapabilities } from './thread.ts';

// The executor that launchers use, built by `pnpm build`.
const nsexec = fileURLToPath(new URL(`../../namespaces/bin/nsexec-${hostArch()}`, import.meta.url));
const kernel = { lastCapability: lastCapability() };

/** Runs the program in a process of its own and gives what it writes to its standard output. */
function run(builder: ProgramBuilder): string {
  const dir = mkdtempSync(join(tmpdir(), 'nsinit-capabilities-'));
  try {
    writeFileSync(join(dir, 'program'), builder.build().encode(-1));
    const fd = openSync(join(dir, 'program'), 'r');
    try {
      const result = spawnSync(nsexec, ['3'], { stdio: ['ignore', 'pipe', 'inherit', fd], encoding: 'utf8' });
      if (result.error) throw result.error;
      expect({ status: result.status, signal: result.signal }).toEqual({ status: 0, signal: null });
      return result.stdout;
    } finally {
      closeSync(fd);
    }
  } finally {
    rmSync(dir, { recursive: true });
  }
}

/** The process shows its own status, without execve(2), which would change its capabilities. */
function showStatus(builder: ProgramBuilder): void {
  const fd = builder.call('openat', { dirfd: AT_FDCWD, pathname: '/proc/self/status', flags: ['O_RDONLY'] });
  const text = builder.zeros(8192, 'status');
  builder.call('read', { fd, buf: text });
  builder.call('write', { fd: fdAt(1), buf: text });
}

function showStatusAfterExec(builder: ProgramBuilder): void {
  builder.call('execve', { pathname: '/bin/cat', argv: ['cat', '/proc/self/status'], envp: [] });
}

/** The order of a launcher that changes the user. */
function becomeUser(builder: ProgramBuilder, sets: CapabilitySets, id: number): void {
  compileBounding(builder, sets.bounding, kernel);
  compileKeepCaps(builder, true);
  builder.call('setgroups', { list: [] });
  builder.call('setresgid', { rgid: id, egid: id, sgid: id });
  builder.call('setresuid', { ruid: id, euid: id, suid: id });
  compileKeepCaps(builder, false);
  compileSets(builder, sets);
  compileAmbient(builder, sets.ambient);
}

const five = parseCapabilitySets({
  bounding: ['chown', 'kill', 'net_raw', 'bpf', 'checkpoint_restore'],
  permitted: ['chown', 'kill', 'sys_admin', 'checkpoint_restore'],
  effective: ['kill', 'sys_admin'],
  inheritable: ['chown', 'checkpoint_restore'],
  ambient: ['checkpoint_restore'],
});

it.each([
  ['none', noCapabilities],
  // Some machines keep a capability from root itself.
  ['all that there are', { ...getThreadCapabilities(), inheritable: 0n, ambient: 0n }],
  ['a list to keep', keepOnly(['CAP_CHOWN', 'CAP_KILL', 'CAP_NET_BIND_SERVICE'])],
  ['five different sets', five],
])('gives a process its sets: %s', (_, sets) => {
  const builder = new ProgramBuilder();
  compileCapabilities(builder, sets, kernel);
  showStatus(builder);
  expect(parseProcStatus(run(builder))).toEqual(sets);
});

it('gives a process of another user its sets', () => {
  const builder = new ProgramBuilder();
  becomeUser(builder, five, 65534);
  showStatus(builder);
  const status = run(builder);
  expect(status).toMatch(/^Uid:\t65534\t65534\t65534\t65534$/m);
  expect(parseProcStatus(status)).toEqual(five);
});

it('lets the ambient set alone survive the execution of a file by another user', () => {
  const builder = new ProgramBuilder();
  becomeUser(builder, five, 65534);
  showStatusAfterExec(builder);
  expect(parseProcStatus(run(builder))).toEqual({
    ...five,
    permitted: five.ambient,
    effective: five.ambient,
  });
});

it('bounds what root gains by the execution of a file, and leaves nothing inheritable', () => {
  const kept = keepOnly(['CAP_CHOWN', 'CAP_KILL']);
  const builder = new ProgramBuilder();
  compileCapabilities(builder, kept, kernel);
  showStatusAfterExec(builder);
  expect(parseProcStatus(run(builder))).toEqual(kept);
});
