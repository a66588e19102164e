import { chmodSync, readFileSync, readlinkSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '@nsinit/config';
import { describe, expect, it } from 'vitest';
import { Process } from './process/process.ts';
import { exec, failure, start, useSandbox } from './testing/sandbox.ts';

const box = useSandbox();

const range = (containerId: number, hostId: number, size: number) => ({ containerId, hostId, size });

/** The template in a user namespace. */
const userConfig = (hostId = 100_000, size = 65_536): Config => {
  const config = box().config();
  return {
    ...config,
    namespaces: [...config.namespaces!, { type: 'NEWUSER' }],
    uidMappings: [range(0, hostId, size)],
    gidMappings: [range(0, hostId, size)],
  };
};

describe('a user namespace', () => {
  it('holds a container whose root is root outside as well', async () => {
    const { status, stdout } = await box().runContainer(userConfig(0, 1000), ['ps', '-o', 'pid,user,args']);
    expect(stdout).toMatch(/^PID +USER +COMMAND\n +1 root +ps -o pid,user,args\n$/);
    expect(status).toBe(0);
  });

  it('holds a container whose root is a user outside', async () => {
    await box().using(userConfig(), async (container) => {
      const { process, result } = await start(container, ['sleep', '100'], { process: { user: 'user' } });
      const status = readFileSync(`/proc/${process.pid()}/status`, 'utf8');
      expect(status).toMatch(/^Uid:\t101000\t101000\t101000\t101000$/m);
      expect(status).toMatch(/^Gid:\t101000\t/m);
      expect(readFileSync(`/proc/${process.pid()}/uid_map`, 'utf8').trim().split(/ +/)).toEqual([
        '0',
        '100000',
        '65536',
      ]);
      process.signal('SIGKILL');
      await result;
    });
  });

  it('has mounts, devices, names and limits as any container', async () => {
    const script =
      'id -u; hostname; ulimit -n; echo x >/dev/null && echo null; head -c2 /dev/zero | wc -c; ls /dev/pts; touch /dev/shm/x && echo shm; ls /sys/class/net; stat -c %F /dev/null /dev/urandom; cut -d" " -f5 /proc/self/mountinfo | grep -c ^/dev/..*$';
    const output = await box().shell(script, userConfig());
    expect(output).toMatch(
      /^0\nintegration\n1025\nnull\n2\nptmx\nshm\nlo\ncharacter special file\ncharacter special file\n\d+\n$/,
    );
  });

  it('gives root its capabilities inside, and none outside', async () => {
    writeFileSync(join(box().rootfs, 'etc/foreign'), 'x', { mode: 0o600 });
    const config = { ...userConfig(), capabilities: ['CHOWN', 'DAC_OVERRIDE', 'SYS_ADMIN', 'NET_ADMIN'] };
    const script =
      'cat /etc/foreign 2>/dev/null || echo foreign; hostname changed && hostname; ip link set lo down && echo down; mount -t tmpfs tmpfs /dev/shm && echo mounted; mknod /dev/shm/null c 1 3 2>/dev/null || echo no node';
    // A file of host root belongs to nobody here.
    expect(await box().shell(script, config)).toBe('foreign\nchanged\ndown\nmounted\nno node\n');
  });

  it('makes what it writes belong to the mapped user', async () => {
    const config = {
      ...userConfig(),
      mounts: [...box().config().mounts!, { source: box().dir, destination: '/tmp', device: 'bind', flags: 4096 }],
    };
    const shared = join(box().dir, 'shared');
    writeFileSync(shared, '', { mode: 0o666 });
    chmodSync(shared, 0o666);
    expect(
      await box().shell(
        'echo by root inside > /tmp/shared; stat -c %u /tmp/shared; touch /dev/shm/mine; stat -c %u /dev/shm/mine',
        config,
      ),
    ).toBe('65534\n0\n');
    expect(readFileSync(shared, 'utf8')).toBe('by root inside\n');
    expect(statSync(shared).uid).toBe(0);
  });

  it('takes ranges that leave the groups of the container in place', async () => {
    const config: Config = {
      ...userConfig(),
      uidMappings: [range(0, 200_000, 1), range(1000, 300_000, 10)],
      gidMappings: [range(0, 200_000, 100), range(1000, 300_000, 10)],
      additionalGroups: ['audio'],
    };
    await box().using(config, async (container) => {
      const { process } = await start(container, ['sleep', '100'], { process: { user: 'user' } });
      const status = readFileSync(`/proc/${process.pid()}/status`, 'utf8');
      expect(status).toMatch(/^Uid:\t300000\t/m);
      expect(status).toMatch(/^Groups:\t200029 $/m);
      process.signal('SIGKILL');
    });
  });

  it('is joined by a process, which is nobody outside either', async () => {
    await box().using(userConfig(), async (container) => {
      const first = await start(container, ['sleep', '100']);
      const second = await start(container, ['sleep', '100']);
      for (const name of ['user', 'pid', 'mnt', 'net', 'uts', 'ipc'])
        expect(readlinkSync(`/proc/${second.process.pid()}/ns/${name}`)).toBe(
          readlinkSync(`/proc/${first.process.pid()}/ns/${name}`),
        );
      expect(readFileSync(`/proc/${second.process.pid()}/status`, 'utf8')).toMatch(/^Uid:\t100000\t/m);
      expect(await exec(container, ['id', '-u'])).toMatchObject({ stdout: '0\n', status: 0 });
      // Its directory is made by root of the container, who may not write where the host's root may.
      const made = (cwd: string) => exec(container, ['stat', '-c', '%u', '.'], { process: { user: 'user', cwd } });
      expect(await made('/dev/shm/made')).toMatchObject({ stdout: '0\n', status: 0 });
      expect(await failure(made('/tmp/made'))).toMatchObject({ errno: 'EACCES', field: 'cwd' });
      first.process.signal('SIGKILL');
      second.process.signal('SIGKILL');
    });
  });

  it('has a terminal of its own', async () => {
    await box().using(userConfig(), async (container) => {
      const process = new Process({
        args: ['sh', '-c', 'tty && stty size && stat -L -c "%u:%g" /dev/console'],
        env: ['PATH=/bin'],
      });
      const console = process.newConsole(0);
      console.resize({ rows: 3, columns: 4 });
      await container.start(process);
      const text = console.toArray().then((chunks: Buffer[]) => Buffer.concat(chunks).toString());
      await process.wait();
      expect(await text).toMatch(/^\/dev\/.*\r\n3 4\r\n0:\d+\r\n$/);
    });
  });

  it('without a map for the user names what is wrong', async () => {
    const config = { ...userConfig(), uidMappings: [range(0, 100_000, 1)] };
    const error = await failure(box().runContainer(config, ['true'], { process: { user: 'user' } }));
    expect(error).toMatchObject({ code: 'SystemError', errno: 'EINVAL', field: 'user' });
  });

  it('with a map that the kernel refuses names the map', async () => {
    const factory = await box().factory({ validator: { validate: () => {} } });
    const config = { ...userConfig(), uidMappings: [range(0, 1000, 10), range(5, 2000, 10)] };
    const container = await factory.create(box().nextId(), config);
    const error = await failure(exec(container, ['true']));
    expect(error).toMatchObject({ code: 'SystemError', errno: 'EINVAL', field: 'uidMappings' });
    expect(error.path).toMatch(/^\/proc\/\d+\/uid_map$/);
    await container.destroy();
  });
});
