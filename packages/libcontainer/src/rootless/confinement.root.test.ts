import { chownSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CAPABILITIES, type Config, MOUNT_FLAGS } from '@nsinit/config';
import { mapRange } from '@nsinit/namespaces';
import { describe, expect, it } from 'vitest';
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

describe('root of a user namespace with every capability', () => {
  const maps = [mapRange(0, 2_700_000, 65_536)];
  const refused = async (script: string, changes: Partial<Config> = {}) => {
    const result = await box().runContainer(powerful(maps, changes), ['sh', '-c', script]);
    expect(result.status, `${result.stdout}${result.stderr}`).not.toBe(0);
    return result.stderr;
  };
  /** The container shares the processes of the host. */
  const amongAll = (): Partial<Config> => ({
    namespaces: powerful(maps).namespaces!.filter(({ type }) => type !== 'NEWPID'),
  });

  it('has them all', async () => {
    const all = ((1n << BigInt(CAPABILITIES.length)) - 1n).toString(16).padStart(16, '0');
    expect(await box().shell('grep CapEff /proc/self/status', powerful(maps))).toBe(`CapEff:\t${all}\n`);
  });

  it('makes no device nodes', async () => {
    expect(await refused('mknod /dev/shm/disk b 8 0')).toMatch(/Operation not permitted/);
    expect(await refused('mknod /dev/shm/null c 1 3')).toMatch(/Operation not permitted/);
  });

  it('mounts no block device', async () => {
    const disk = readdirSync('/sys/class/block').find((name) => !/^(?:ram|loop)/.test(name));
    const device = `/dev/${disk ?? 'absent'}`;
    const bind = { source: device, destination: '/dev/disk', device: 'bind', flags: MOUNT_FLAGS.MS_BIND };
    const mounts = disk === undefined ? {} : { mounts: [...powerful(maps).mounts!, bind] };
    expect(await refused('mount -t ext4 /dev/disk /tmp', mounts)).toMatch(/ermission denied|Operation not permitted/);
  });

  it('sets no sysctl of the host', async () => {
    const before = readFileSync('/proc/sys/kernel/core_pattern', 'utf8');
    expect(await refused('echo core > /proc/sys/kernel/core_pattern')).toMatch(/Permission denied|not permitted/);
    expect(await refused('echo 1 > /proc/sys/vm/drop_caches')).toMatch(/Permission denied|not permitted/);
    expect(readFileSync('/proc/sys/kernel/core_pattern', 'utf8')).toBe(before);
  });

  it('does not trace a process of the host', async () => {
    // Memory and environment are under the same check as ptrace(2).
    const read = `cat /proc/${process.pid}/environ`;
    expect(await refused(read, amongAll())).toMatch(/Permission denied/);
    expect(await refused(`dd if=/proc/${process.pid}/mem of=/dev/null count=1`, amongAll())).toMatch(
      /Permission denied/,
    );
    expect(await refused(`kill -9 ${process.pid}`, amongAll())).toMatch(/Operation not permitted/);
  });

  it.each(['n', 'u', 'i', 'm', 'p'])('does not join a namespace of the host: nsenter -%s', async (kind) => {
    const error = await refused(`nsenter -t ${process.pid} -${kind} true`, amongAll());
    expect(error).toMatch(/Permission denied|Operation not permitted/);
  });

  it('reads no file of others', async () => {
    const secret = join(box().rootfs, 'etc/secret');
    writeFileSync(secret, 'x', { mode: 0o600 });
    expect(await refused('cat /etc/secret')).toMatch(/Permission denied/);
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
