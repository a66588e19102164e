import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { USER_NETWORK_PROGRAMS } from '@nsinit/config';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Box, lives, until } from '../testing/box.ts';
import { Cli, finished } from '../testing/cli.ts';
import { GATEWAY, HostNetwork, SERVER } from '../testing/host-network.ts';
import { Person } from '../testing/person.ts';

/** A user id that no host has. */
const UID = 2_100_200;

let cli: Cli;
let network: HostNetwork;
beforeAll(async () => {
  cli = new Cli();
  network = await HostNetwork.make();
  await network.greet(SERVER, 7000, 'from the host');
  await network.greet('127.0.0.1', 7001, 'private');
  await network.answerNames(SERVER);
  await network.send('127.0.0.1', 5301);
});
afterAll(async () => {
  await network[Symbol.asyncDispose]();
  cli[Symbol.dispose]();
});

let person: Person;
beforeEach((ctx) => {
  if (!existsSync('/dev/net/tun')) ctx.skip('host: no /dev/net/tun');
  person = new Person(cli, UID, { network });
});
afterEach(async () => {
  expect(programs()).toEqual([]);
  expect(person.left()).toEqual([]);
  await person[Symbol.asyncDispose]();
});

/** Processes of the person that are no containers: helpers that were left, and their supervisors. */
const programs = () =>
  readdirSync('/proc').filter((name) => {
    if (!/^\d+$/.test(name) || !lives(Number(name))) return false;
    try {
      const status = readFileSync(`/proc/${name}/status`, 'utf8');
      return new RegExp(`^Uid:\\s+${UID}\\s`, 'm').test(status);
    } catch {
      return false; // It has ended.
    }
  });

const sh = (script: string, ...flags: readonly string[]) => person.run(['exec', ...flags, '/bin/sh', '-c', script]);

/** Words of a shell that print what a server says. An input that ends would end the connection. */
const ask = (address: string, port: number, seconds = 30) =>
  `{ test -p /tmp/open || busybox mkfifo /tmp/open; nc -w ${seconds} ${address} ${port} <> /tmp/open; }`;

/** Starts a container that serves port 80, and resolves with its process when it runs. */
async function serving(...flags: readonly string[]) {
  const script = 'touch /tmp/up; while :; do echo from inside | nc -l -p 80; done';
  const child = person.start(['exec', ...flags, '/bin/sh', '-c', script]);
  const ended = finished(child);
  await until(() => existsSync(join(person.box.rootfs, 'tmp/up')) || child.exitCode !== null);
  if (child.exitCode !== null) throw new Error((await ended).stderr);
  return { child, ended };
}

const init = async () =>
  (JSON.parse((await person.run(['state'])).stdout) as { readonly init_process_pid: number }).init_process_pid;

/** Asks until there is an answer: the one who listens may not do so yet. */
async function answer(port: number): Promise<string> {
  for (;;) {
    const text = await network.ask('127.0.0.1', port);
    if (text !== '') return text;
  }
}

describe.each(USER_NETWORK_PROGRAMS)('a network by %s', (program) => {
  const gateway = program === 'pasta' ? GATEWAY : '10.0.2.2';

  it('reaches what the host reaches, but not what is open to the host alone', async () => {
    const script = `ip -4 -o addr show eth0 | grep -c .; ${ask(SERVER, 7000)}; echo; ${ask(gateway, 7001, 1)} || echo refused`;
    const { stdout, stderr, status } = await sh(script, `--user-net=${program}`, '--user-net-mtu=1400');
    expect({ stdout, stderr: stderr.replace(/^nc: .*\n/m, ''), status }).toEqual({
      stdout: '1\nfrom the host\nrefused\n',
      stderr: '',
      status: 0,
    });
  });

  it("reaches the host's loopback interface when asked", async () => {
    const { stdout } = await sh(
      `cat /sys/class/net/eth0/mtu; ${ask(gateway, 7001)}`,
      `--user-net=${program}`,
      '--user-net-host',
      '--user-net-mtu=1400',
    );
    expect(stdout).toBe('1400\nprivate');
  });

  it('lets ports of the host lead into the container, until it ends', async () => {
    const { ended } = await serving(`--user-net=${program}`, '--publish', '127.0.0.1:8080:80');
    expect(await answer(8080)).toBe('from inside\n');
    expect(network.listening()).toContain('127.0.0.1:8080');
    expect((await sh(ask(SERVER, 7000))).stdout).toBe('from the host');
    process.kill(await init(), 'SIGKILL');
    expect((await ended).status).toBe(137);
    expect(network.listening()).not.toContain('127.0.0.1:8080');
    // At once again.
    const again = await sh('echo again', `--user-net=${program}`, '--publish', '127.0.0.1:8080:80');
    expect(again).toMatchObject({ stdout: 'again\n', stderr: '', status: 0 });
  });

  it('lives as long as the container, whoever started it', async () => {
    const { child } = await serving(`--user-net=${program}`, '--publish', '8080:80');
    const pid = await init();
    const exit = once(child, 'exit');
    child.kill('SIGKILL');
    await exit;
    expect(await answer(8080)).toBe('from inside\n');
    process.kill(pid, 'SIGKILL');
    await until(() => programs().length === 0);
    expect(network.listening()).not.toContain('0.0.0.0:8080');
    expect(await person.run(['destroy'])).toMatchObject({ status: 0, stderr: '' });
    expect(person.left()).toEqual([]);
    expect((await sh('exit 4', `--user-net=${program}`, '--publish', '8080:80')).status).toBe(4);
  });

  it('forwards datagrams, and answers with the name server of the host', async () => {
    person.giveNameServer(SERVER);
    const dns = program === 'pasta' ? '198.51.100.53' : '10.0.2.3';
    const flags = program === 'pasta' ? [`--user-net-dns=${dns}`] : [];
    const query = `until busybox nslookup -type=a any.test ${dns} | grep 192.0.2.77; do :; done`;
    expect((await sh(query, `--user-net=${program}`, ...flags)).stdout).toContain('192.0.2.77');
    // Nobody listens: the kernel counts what arrives all the same, as the second number of its line.
    const arrived = `grep '^Udp: [0-9]' /proc/net/snmp | { read name received unheard rest; test "$unheard" -gt 0; }`;
    const script = `until ${arrived}; do sleep 0.05; done; exit 4`;
    const { stderr, status } = await sh(script, `--user-net=${program}`, '--publish', '127.0.0.1:5301:5300/udp');
    expect([stderr, status]).toEqual(['', 4]);
  });

  it('ends with a port that is taken, and leaves nothing', async () => {
    const { stderr, status } = await sh('true', `--user-net=${program}`, '--publish', '127.0.0.1:7001:80');
    expect(status).toBe(1);
    expect(stderr).toMatch(new RegExp(`networks\\[1\\].*${program}.*(7001|bind|port|fail)`, 'i'));
  });

  it('is for ordinary users', async () => {
    using box = new Box();
    const { stderr, status } = await cli.run(box.exec(`--user-net=${program}`, 'true'), { cwd: box.rootfs });
    expect([status, stderr]).toEqual([1, expect.stringMatching(/containers of ordinary users.*veth/)]);
    expect(box.left()).toEqual([]);
  });

  it('is refused where the program is not installed', async () => {
    const words = ['env', 'PATH=/nowhere', process.execPath, cli.path, 'exec', `--user-net=${program}`, 'true'];
    const { stderr, status } = await finished(person.spawn(words));
    expect([status, stderr]).toEqual([
      1,
      expect.stringMatching(new RegExp(`networks\\[1\\]: .*${program} is not installed.*install the package`)),
    ]);
  });

  it('is refused where the device cannot be opened', async () => {
    const { stderr, status } = await finished(
      person.start(['exec', `--user-net=${program}`, 'true'], { env: { TUN: '0600' } }),
    );
    expect([status, stderr]).toEqual([
      1,
      expect.stringMatching(/\/dev\/net\/tun, which this user may not open.*chmod/),
    ]);
  });
});

describe('a program of a network that fails', () => {
  /** Puts a script in the place of the program, and starts a container with it. */
  function start(script: string) {
    const dir = join(person.box.work, 'bin');
    mkdirSync(dir);
    writeFileSync(join(dir, 'pasta'), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    const path = `PATH=${dir}:${process.env['PATH']}`;
    return person.spawn(['env', path, process.execPath, cli.path, 'exec', '--user-net=any', '/bin/sh', '-c', 'true']);
  }

  it('ends the start with the last line that it said', async () => {
    const { stderr, status } = await finished(start('echo first >&2; echo no luck today >&2; exit 3'));
    expect([status, stderr]).toEqual([1, expect.stringMatching(/networks\[1\].*pasta ended with 3: no luck today/)]);
  });

  it('says nothing of its output where there is none', async () => {
    const { stderr } = await finished(start('kill -KILL $$'));
    expect(stderr).toMatch(/pasta was killed by SIGKILL \(/);
  });

  it('goes with who starts the container, and with its supervisor', async () => {
    for (const victim of ['starter', 'supervisor']) {
      const mark = join(person.box.rootfs, 'tmp', victim);
      const child = start(`cut -d ' ' -f 4 /proc/$$/stat > ${mark}.new; mv ${mark}.new ${mark}; exec sleep 100000`);
      const ended = finished(child);
      await until(() => existsSync(mark));
      if (victim === 'starter') child.kill('SIGKILL');
      else process.kill(Number(readFileSync(mark, 'utf8')), 'SIGKILL');
      await ended;
      await until(() => programs().length === 0);
      rmSync(join(person.box.work, 'bin'), { recursive: true });
    }
    // The first one could take nothing away: whoever comes next does.
    expect((await sh('exit 5')).status).toBe(5);
  });
});
