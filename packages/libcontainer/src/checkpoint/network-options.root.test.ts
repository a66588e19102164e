import { spawnSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { Criu, compareVersions, parseVersion } from '@nsinit/criu';
import { Netlink } from '@nsinit/netlink';
import { invoke } from '@nsinit/syscall';
import { beforeAll, describe, expect, it } from 'vitest';
import { Status } from '../status.ts';
import { Checkpointed, eventually } from '../testing/checkpointed.ts';
import { compile } from '../testing/compile.ts';
import { testCriu } from '../testing/criu.ts';
import { Bridge, connection, echoServer } from '../testing/echo-network.ts';
import { exec, failure, useSandbox } from '../testing/sandbox.ts';

/** Older ones cannot read the options of sockets on new kernels. Before the thread leaves the network that it comes from. */
const criu = testCriu('forky');
const knowsSkip = compareVersions(await new Criu({ path: criu }).version(), parseVersion('3.19')) >= 0;

// The thread's own network namespace is the host of these tests; the file has a process to itself.
invoke('unshare', { flags: ['CLONE_NEWNET'] });

const sandbox = useSandbox();

describe('tcpClose', () => {
  it('gives an open connection up, and the process is told', async () => {
    using bridge = new Bridge();
    await using server = await echoServer(bridge.host);
    await using scene = await Checkpointed.create(sandbox(), bridge.config(sandbox().config()), criu);
    const stdin = new PassThrough();
    const first = await scene.run(['nc', bridge.host, String(server.port)], { process: { stdin } });
    stdin.write('before\n');
    await first.stdout.until(/before/);
    expect(await failure(scene.save())).toMatchObject({ hint: expect.stringContaining('tcpClose') });
    const { imagesDirectory } = await scene.save({ tcpClose: true });
    await first.result;
    const again = await scene.restore(imagesDirectory, { tcpClose: true, process: { stdin: new PassThrough() } });
    // What reads from it finds its end.
    expect(await again.result).toMatchObject({ stdout: '' });
  });
});

describe('tcpSkipInFlight', () => {
  beforeAll(() =>
    compile(
      sandbox(),
      'listener',
      `#include <arpa/inet.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>
static void taken(int signal) {}
int main(void) { struct sockaddr_in a = { AF_INET, htons(7000) }; int s = socket(AF_INET, SOCK_STREAM, 0), one = 1;
  setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  if (bind(s, (void *)&a, sizeof a) || listen(s, 5)) return 9;
  signal(SIGUSR1, taken); puts("listens"); fflush(stdout); pause();
  int c = accept(s, 0, 0); write(c, "accepted\\n", 9); return c < 0; }`,
    ),
  );

  it('leaves out who waits to be accepted', async () => {
    using bridge = new Bridge();
    await using scene = await Checkpointed.create(sandbox(), bridge.config(sandbox().config()), criu);
    const first = await scene.run(['listener']);
    await first.stdout.until(/listens/);
    const waiting = await connection('10.231.77.2', 7000);
    try {
      expect(await failure(scene.save())).toMatchObject({ hint: 'set tcpSkipInFlight' });
      expect(await scene.container.status()).toBe(Status.Running);
      const { imagesDirectory } = await scene.save({ tcpSkipInFlight: true });
      const again = await scene.restore(imagesDirectory);
      again.process.signal('SIGUSR1');
      const next = await connection('10.231.77.2', 7000);
      await eventually(() => expect(next.received()).toBe('accepted\n'));
      expect(await again.result).toMatchObject({ status: 0 });
      next.socket.destroy();
    } finally {
      waiting.socket.destroy();
    }
  });
});

describe('networkLock', () => {
  /** A container whose interface has its other end on the host itself: taking it off a bridge changes nothing. */
  async function linked(path = criu): Promise<Checkpointed> {
    const config = sandbox().config();
    const eth0 = { type: 'veth', name: 'eth0', hostInterfaceName: 'vethlock0', address: '10.231.78.2/24' } as const;
    const scene = await Checkpointed.create(sandbox(), { ...config, networks: [...config.networks!, eth0] }, path);
    await scene.run(['cat'], { process: { stdin: new PassThrough() } });
    using host = new Netlink();
    host.links.set('lo', { up: true });
    host.addresses.add({ dev: 'vethlock0', local: '10.231.78.1/24' });
    // Nobody has to be asked where it is while it answers nothing.
    expect(answers()).toBe(true);
    return scene;
  }
  const answers = () => spawnSync('busybox', ['ping', '-c', '1', '-W', '1', '10.231.78.2']).status === 0;

  const cases = [
    ['nftables', false],
    // Without it, that it is missing is told, which is the next test.
    ...(spawnSync('iptables-restore', ['--version']).status === 0 ? [['iptables', false] as const] : []),
    ...(knowsSkip ? [['skip', true] as const] : []),
  ] as const;

  it.each(cases)('%s: whether the network answers while processes stand still: %j', async (networkLock, expected) => {
    await using scene = await linked();
    const seen: boolean[] = [];
    await scene.save({
      networkLock,
      leaveRunning: true,
      onStep: (step) => {
        if (step === 'post-dump') seen.push(answers());
      },
    });
    expect(seen).toEqual([expected]);
    expect(answers()).toBe(true);
    expect((await exec(scene.container, ['true'])).status).toBe(0);
  });

  if (!knowsSkip)
    it('skip needs a newer criu', async () => {
      await using scene = await linked();
      const images = scene.images();
      expect(await failure(scene.save({ networkLock: 'skip', imagesDirectory: images }))).toMatchObject({
        code: 'ConfigInvalid',
        message: expect.stringContaining('criu 3.17'),
        hint: expect.stringContaining('3.19'),
      });
      expect(existsSync(images)).toBe(false);
      expect(await scene.container.status()).toBe(Status.Running);
    });

  it('iptables needs the program', async () => {
    const lonely = join(sandbox().dir, 'criu');
    writeFileSync(lonely, `#!/bin/sh\nPATH=/absent exec '${criu}' "$@"\n`, { mode: 0o755 });
    await using scene = await linked(lonely);
    expect(await failure(scene.save({ networkLock: 'iptables' }))).toMatchObject({
      hint: "install iptables, or set networkLock to 'nftables' or 'skip'",
    });
    expect(await scene.container.status()).toBe(Status.Running);
    expect(answers()).toBe(true);
  });
});
