import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CAPABILITIES, type Config, MOUNT_FLAGS, removeNamespace } from '@nsinit/config';
import { mapRange } from '@nsinit/namespaces';
import { AT_FDCWD, invoke } from '@nsinit/syscall';
import { describe, expect, it } from 'vitest';
import { compile } from '../testing/compile.ts';
import { exec, start, useSandbox } from '../testing/sandbox.ts';

const box = useSandbox();

/** The maps of the sample of 2015: root is the host's user 1000, and all others but that one are themselves. */
const sample = [mapRange(0, 1000, 1), mapRange(1, 1, 999), mapRange(1001, 1001, 2_147_482_647)];

/** A container that has every capability in a user namespace of its own, and nothing read-only or masked. */
const powerful = (maps: Config['uidMappings'], changes: Partial<Config> = {}): Config => {
  return {
    ...box().mapped(maps!),
    capabilities: CAPABILITIES,
    readonlyPaths: [],
    maskPaths: [],
    ...changes,
  };
};

describe('the maps of the sample of 2015', () => {
  it('are those of the container', async () => {
    const output = await box().shell('cat /proc/self/uid_map; id -u', powerful(sample));
    expect(output.replace(/ +/g, ' ')).toBe(' 0 1000 1\n 1 1 999\n 1001 1001 2147482647\n0\n');
  });

  it('give files of its root to the mapped user, and show those of others as nobody’s', async () => {
    const data = join(box().dir, 'data');
    mkdirSync(data);
    chownSync(data, 1000, 1000);
    for (const [name, uid] of [
      ['unmapped', 0],
      ['same', 500],
      ['also', 70_000],
    ] as const) {
      writeFileSync(join(data, name), '');
      chownSync(join(data, name), uid, uid);
    }
    const config = powerful(sample);
    const mount = { source: data, destination: '/tmp', device: 'bind', flags: MOUNT_FLAGS.MS_BIND };
    const script = 'touch /tmp/mine; stat -c "%n %u %g" /tmp/*; chown 3:4 /tmp/mine; rm /tmp/unmapped';
    const output = await box().shell(script, { ...config, mounts: [...config.mounts!, mount] });
    expect(output).toBe('/tmp/also 70000 70000\n/tmp/mine 0 0\n/tmp/same 500 500\n/tmp/unmapped 65534 65534\n');
    expect(statSync(join(data, 'mine'))).toMatchObject({ uid: 3, gid: 4 });
    expect(readdirSync(data)).toEqual(['also', 'mine', 'same']);
    rmSync(data, { recursive: true });
  });
});

/** The capabilities of this process, which are fewer than all on some hosts. */
function ownCapabilities(): Config['capabilities'] {
  const [, hex] = /^CapEff:\t([0-9a-f]+)$/m.exec(readFileSync('/proc/self/status', 'utf8'))!;
  return CAPABILITIES.filter((_name, number) => (BigInt(`0x${hex!}`) >> BigInt(number)) & 1n);
}

describe('root of a user namespace with every capability', () => {
  const maps = [mapRange(0, 2_700_000, 65_536)];
  const run = (config: Config, args: readonly string[]) => box().runContainer(config, args);

  /** The same container without the user namespace, which is what keeps it from anything. */
  const unconfined = ({ uidMappings: _uids, gidMappings: _gids, ...rest }: Config): Config => ({
    ...rest,
    namespaces: removeNamespace(rest.namespaces, 'NEWUSER'),
    capabilities: ownCapabilities()!,
  });

  /** What a command that is refused writes, which succeeds without the user namespace. */
  async function refused(args: readonly string[], changes: Partial<Config> = {}): Promise<string> {
    const config = powerful(maps, changes);
    const { status, stdout, stderr } = await run(config, args);
    expect(status, `${stdout}${stderr}`).not.toBe(0);
    expect(await run(unconfined(config), args)).toMatchObject({ status: 0, stderr: '' });
    return stderr;
  }
  const sh = (script: string) => ['sh', '-c', script];

  /** The container shares the processes of the host. */
  const amongAll = (): Partial<Config> => ({ namespaces: removeNamespace(powerful(maps).namespaces, 'NEWPID') });

  /** Runs the body beside a process of the host. */
  async function besideHost(body: (pid: number) => Promise<void>): Promise<void> {
    const host = spawn('sleep', ['1000'], { stdio: 'ignore' });
    try {
      await body(host.pid!);
    } finally {
      host.kill('SIGKILL');
      await once(host, 'exit');
    }
  }

  it('has them all', async () => {
    const all = ((1n << BigInt(CAPABILITIES.length)) - 1n).toString(16).padStart(16, '0');
    expect(await box().shell('grep CapEff /proc/self/status', powerful(maps))).toBe(`CapEff:\t${all}\n`);
  });

  it.each(['b 8 0', 'c 1 3'])('makes no device nodes: %s', async (device) => {
    expect(await refused(sh(`mknod /dev/shm/node ${device}`))).toMatch(/Operation not permitted/);
  });

  it('mounts no block device', async () => {
    // The kernel asks for the privilege before it looks for the device: there is none of this number, kept for experiments.
    const path = join(box().rootfs, 'etc/disk');
    invoke('mknodat', { dirfd: AT_FDCWD, pathname: path, mode: 0o060666, dev: (240 << 8) | 99 });
    const args = ['mount', '-t', 'ext4', '/etc/disk', '/tmp'];
    expect((await run(powerful(maps), args)).stderr).toMatch(/permission denied|Operation not permitted/);
    expect((await run(unconfined(powerful(maps)), args)).stderr).toMatch(/No such device|Block device required/);
    rmSync(path);
  });

  it.each(['kernel/panic', 'vm/swappiness'])('sets no sysctl of the host: %s', async (name) => {
    const file = `/proc/sys/${name}`;
    const script = `value=$(cat ${file}) && echo $value > ${file}`;
    expect(await refused(sh(script))).toMatch(/Permission denied|not permitted/);
  });

  it.each(['PTRACE_ATTACH', 'PTRACE_SEIZE'])('does not trace a process of the host: %s', async (request) => {
    compile(
      box(),
      'trace',
      `#include <stdio.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
int main(int argc, char **argv) { int pid = atoi(argv[1]);
  if (ptrace(${request}, pid, 0, 0)) return perror("ptrace"), 1;
  if (${request} == PTRACE_SEIZE && ptrace(PTRACE_INTERRUPT, pid, 0, 0)) return perror("interrupt"), 2;
  if (waitpid(pid, 0, __WALL) != pid || ptrace(PTRACE_DETACH, pid, 0, 0)) return perror("detach"), 3;
  return puts("traced"), 0; }`,
    );
    await besideHost(async (pid) => {
      expect(await refused(['trace', String(pid)], amongAll())).toBe('ptrace: Operation not permitted\n');
      expect(readFileSync(`/proc/${pid}/status`, 'utf8')).toMatch(/^TracerPid:\t0$/m);
    });
  });

  it('sees neither memory nor environment of a process of the host, and does not signal it', async () => {
    await besideHost(async (pid) => {
      const refusedThere = (script: string) => refused(sh(script), amongAll());
      expect(await refusedThere(`cat /proc/${pid}/environ`)).toMatch(/Permission denied/);
      expect(await refusedThere(`: < /proc/${pid}/mem`)).toMatch(/Permission denied/);
      expect(await refusedThere(`kill -CONT ${pid}`)).toMatch(/Operation not permitted/);
    });
  });

  it.each(['n', 'u', 'i', 'm', 'p'])('does not join a namespace of the host: nsenter -%s', async (kind) => {
    const error = await refused(['nsenter', '-t', String(process.pid), `-${kind}`, 'true'], amongAll());
    expect(error).toMatch(/Permission denied|Operation not permitted/);
  });

  it('reads no file of others', async () => {
    const secret = join(box().rootfs, 'etc/secret');
    writeFileSync(secret, 'x', { mode: 0o600 });
    expect(await refused(['cat', '/etc/secret'])).toMatch(/Permission denied/);
    rmSync(secret);
  });
});

describe('a process that joins a user namespace', () => {
  it('has the directory that it needs made by root of the container', async () => {
    const maps = [mapRange(0, 2_700_000, 65_536)];
    await box().using(powerful(maps, { idmapRootfs: true }), async (container) => {
      const first = await start(container, ['sleep', '1000']);
      const second = await exec(container, ['sh', '-c', 'pwd; stat -c %u .'], { process: { cwd: '/srv/of/one' } });
      expect(second).toEqual({ stdout: '/srv/of/one\n0\n', stderr: '', status: 0 });
      first.process.signal('SIGKILL');
      await first.result;
    });
    rmSync(join(box().rootfs, 'srv'), { recursive: true });
  });

  it('gives its pipes to the user, who opens them again', async () => {
    const config = powerful([mapRange(0, 2_700_000, 65_536)]);
    for (const user of ['root', 'user'])
      expect(await box().shell('echo again > /dev/stdout', config, { process: { user } })).toBe('again\n');
  });
});
