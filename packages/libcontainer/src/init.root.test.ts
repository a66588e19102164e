import { existsSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { inUserNamespace, start, useSandbox } from './testing/sandbox.ts';

const box = useSandbox();

describe('the first process', () => {
  it('is process 1 and alone', async () => {
    const { status, stdout } = await box().runContainer(box().config(), ['ps', '-o', 'pid,user,args']);
    expect(stdout).toMatch(/^PID +USER +COMMAND\n +1 root +ps -o pid,user,args\n$/);
    expect(status).toBe(0);
  });

  it('ends with the exit code of its program, or by the signal that ended it', async () => {
    expect((await box().runContainer(box().config(), ['sh', '-c', 'exit 42'])).status).toBe(42);
    const config = box().configWithout('NEWPID');
    expect((await box().runContainer(config, ['sh', '-c', 'kill -TERM $$'])).status).toBe(-15);
  });

  it('has the host name, domain name and session of its own', async () => {
    const config = box().config({ domainname: 'example' });
    expect(
      await box().shell('hostname; cat /proc/sys/kernel/domainname; cut -d" " -f5,6 /proc/self/stat', config),
    ).toBe('integration\nexample\n1 1\n');
  });

  it('has the environment that it was given and nothing else, with HOME by its user', async () => {
    const env = (entries: readonly string[], user = '') =>
      box().runContainer(box().config(), ['/bin/env'], { process: { env: entries, user } });
    expect((await env(['HOSTNAME=integration', 'FOO=BAR'])).stdout).toBe('HOSTNAME=integration\nFOO=BAR\nHOME=/root\n');
    expect((await env(['HOME='], 'user')).stdout).toBe('HOME=/home/user\n');
    expect((await env(['HOME=/elsewhere'], 'user')).stdout).toBe('HOME=/elsewhere\n');
    expect((await env([], '4321')).stdout).toBe('HOME=/\n');
  });

  it('finds its command by the PATH of its own environment', async () => {
    const run = (path: string) => box().runContainer(box().config(), ['true'], { process: { env: [`PATH=${path}`] } });
    expect((await run('/nowhere:/etc/passwd:/bin')).status).toBe(0);
    await expect(run('/nowhere')).rejects.toThrow(/executable file not found in \$PATH/);
    expect(
      await box()
        .runContainer(box().config(), ['true'], { process: { env: ['PATH='], cwd: '/bin' } })
        .catch(() => 'refused'),
    ).toBe('refused');
    expect(
      (await box().runContainer(box().config(), ['true'], { process: { env: ['PATH=:/x'], cwd: '/bin' } })).status,
    ).toBe(0);
  });

  it('runs as the user that was asked for, with the groups of both sides', async () => {
    const config = box().config({ additionalGroups: ['plugdev', 'audio', '4242'] });
    const id = (user: string) => box().shell('id -u; id -g; id -G', config, { process: { user } });
    expect(await id('')).toBe('0\n0\n0 29 46 4242\n');
    expect(await id('user')).toBe('1000\n1000\n1000 29 46 4242\n');
    expect(await id('user:daemon')).toMatch(/^1000\n1\n1 /);
    expect(await id('77:88')).toBe('77\n88\n88 29 46 4242\n');
  });

  it('names its additional groups by the files of the container', async () => {
    const config = box().config({ additionalGroups: ['plugdev', 'audio'] });
    expect((await box().shell('id -Gn', config)).trim().split(' ').sort()).toEqual(['audio', 'plugdev', 'root']);
  });

  it('starts in its working directory, which is made when it does not exist', async () => {
    const pwd = (cwd: string, user = '') =>
      box().shell('pwd; stat -c "%u %a" .', box().config(), { process: { cwd, user } });
    expect(await pwd('/tmp')).toMatch(/^\/tmp\n/);
    expect(await pwd('/made/by/start', 'user')).toMatch(/^\/made\/by\/start\n0 755\n/);
    expect(await pwd('/made/../tmp')).toMatch(/^\/tmp\n/);
  });

  it('has the umask, the oom score and no_new_privs of the configuration', async () => {
    const script = 'umask; cat /proc/self/oom_score_adj; grep NoNewPrivs /proc/self/status';
    const config = box().config({ umask: 0o27, oomScoreAdj: 321, noNewPrivileges: true });
    expect(await box().shell(script, config)).toBe('0027\n321\nNoNewPrivs:\t1\n');
    const host = readFileSync('/proc/self/oom_score_adj', 'utf8');
    expect(await box().shell(script)).toMatch(new RegExp(`\\n${host.trim()}\\nNoNewPrivs:\\t0\\n$`));
    const own = { process: { noNewPrivileges: true } };
    expect(await box().shell('grep NoNewPrivs /proc/self/status', box().config(), own)).toBe('NoNewPrivs:\t1\n');
  });

  it('has no descriptor beyond its standard streams, and no signal that is blocked or ignored', async () => {
    const run = async (...args: readonly string[]) => (await box().runContainer(box().config(), args)).stdout;
    // The fourth is the directory that ls reads.
    expect(await run('ls', '/proc/self/fd')).toBe('0\n1\n2\n3\n');
    expect(await run('grep', '-E', 'Sig(Blk|Ign)', '/proc/self/status')).toBe(
      'SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n',
    );
  });

  it('has the mounts of the configuration and no others', async ({ skip }) => {
    skip(inUserNamespace, 'in a user namespace: devices are bound, which shows in the mount table');
    const config = box().config();
    const lines = (await box().shell('cat /proc/self/mountinfo', config)).trim().split('\n');
    expect(lines.map((line) => line.split(' ')[4])).toEqual([
      '/',
      '/proc',
      '/dev',
      '/dev/pts',
      '/dev/shm',
      '/dev/mqueue',
      '/sys',
      // What the kernel does not have needs no cover.
      ...[...config.maskPaths!, ...config.readonlyPaths!].filter((path) => existsSync(path)),
    ]);
    // Nothing is propagated back to the host: every mount is a slave or private.
    expect(lines.filter((line) => line.includes(' shared:'))).toEqual([]);
  });

  it('has exactly the devices of the configuration', async ({ skip }) => {
    skip(inUserNamespace, 'in a user namespace: the nodes are those of the host, whose owner is not mapped');
    expect((await box().shell('ls /dev')).trim().split('\n')).toEqual(
      'fd full fuse mqueue null ptmx pts random shm stderr stdin stdout tty urandom zero'.split(' '),
    );
    expect(await box().shell('stat -c "%F %t:%T %a %u:%g" /dev/null /dev/urandom')).toBe(
      'character special file 1:3 666 0:0\ncharacter special file 1:9 666 0:0\n',
    );
    expect(
      await box().shell(
        'head -c 4 /dev/zero | od -An -tx1; echo x > /dev/null; echo x > /dev/full || echo full',
        box().config(),
        { process: { stderr: null } },
      ),
    ).toBe(' 00 00 00 00\nfull\n');
  });

  it('cannot read what is masked, nor write what is read-only', async () => {
    writeFileSync(join(box().rootfs, 'etc/secret'), 'secret');
    const { maskPaths = [], readonlyPaths = [] } = box().config();
    const config = box().config({
      maskPaths: [...maskPaths, '/etc/secret', '/home', '/absent'],
      readonlyPaths: [...readonlyPaths, '/tmp', '/absent'],
    });
    const script =
      'cat /etc/secret; ls /home; for f in /proc/sys/kernel/hostname /tmp/x; do (echo x > $f) 2>/dev/null || echo $f; done';
    expect(await box().shell(script, config)).toBe('/proc/sys/kernel/hostname\n/tmp/x\n');
  });

  it('cannot write to a read-only root file system, but to what is mounted in it', async () => {
    const config = box().config({ readonlyFs: true });
    expect(await box().shell('touch /x 2>/dev/null || echo refused; touch /dev/shm/x && echo made', config)).toBe(
      'refused\nmade\n',
    );
    expect(readdirSync(box().rootfs)).not.toContain('x');
  });

  it('sees the system properties of the configuration', async () => {
    const config = box().config({ systemProperties: { 'kernel.shmmni': '8192', 'net/ipv4/ip_forward': '1' } });
    expect(await box().shell('cat /proc/sys/kernel/shmmni /proc/sys/net/ipv4/ip_forward', config)).toBe('8192\n1\n');
  });

  it('sees a loopback interface that is up, and no other', async () => {
    expect(
      await box().shell(
        'ls /sys/class/net; ip -o addr show lo | grep -c "inet 127.0.0.1/8"; ping -c1 -W1 127.0.0.1 >/dev/null && echo pong',
      ),
    ).toBe('lo\n1\npong\n');
  });

  it('keeps the bind mounts of the configuration, with their flags', async ({ skip }) => {
    skip(inUserNamespace, 'in a user namespace: its root may not write to files of the host');
    const file = join(box().dir, 'bound');
    writeFileSync(file, 'from the host\n');
    const { mounts = [] } = box().config();
    const bind = (destination: string, flags: number) => ({ source: file, destination, device: 'bind', flags });
    const config = box().config({ mounts: [...mounts, bind('/etc/bound', 4096), bind('/etc/fixed', 4096 | 1)] });
    expect(
      await box().shell(
        'cat /etc/bound; echo inside >> /etc/bound; (echo x >> /etc/fixed) 2>/dev/null || echo refused',
        config,
      ),
    ).toBe('from the host\nrefused\n');
    expect(readFileSync(file, 'utf8')).toBe('from the host\ninside\n');
  });

  it('executes from memory: no path leads to the executor on the host', async () => {
    const container = await box().create();
    const { process, result } = await start(container, ['sleep', '100']);
    expect(readlinkSync(`/proc/${process.pid()}/exe`)).toBe('/bin/busybox');
    process.signal('SIGKILL');
    expect((await result).status).toBe(-9);
    await container.destroy();
  });
});
