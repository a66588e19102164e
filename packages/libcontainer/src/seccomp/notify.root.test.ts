import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { SeccompProfile } from '@nsinit/config';
import type { Listener, NotifyRequest } from '@nsinit/seccomp';
import { describe, expect, it, vi } from 'vitest';
import { exec, failure, start, useSandbox } from '../testing/sandbox.ts';

const box = useSandbox();
const asking = (...names: string[]): SeccompProfile => ({
  defaultAction: 'SCMP_ACT_ALLOW',
  syscalls: [{ names, action: 'SCMP_ACT_NOTIFY' }],
});

/** Answers every call, until the filter's last process has ended. */
function answering(answer: (request: NotifyRequest) => unknown) {
  const served: Promise<void>[] = [];
  const pids: number[] = [];
  const serve = async (listener: Listener) => {
    using own = listener;
    for await (const request of own.requests()) answer(request);
  };
  return {
    pids,
    onListener: (listener: Listener, pid: number) => {
      pids.push(pid);
      served.push(serve(listener));
    },
    done: () => Promise.all(served),
  };
}

describe('a filter that asks', () => {
  it('is answered from outside, for the first process and for those that join', async () => {
    const seen: (string | undefined)[] = [];
    const answers = answering((request) => {
      seen.push(request.readText(request.args[request.name === 'mkdirat' ? 1 : 0]!));
      request.fail(18); // EXDEV
    });
    await box().using(box().config({ seccomp: asking('mkdir', 'mkdirat') }), async (container) => {
      const { onListener } = answers;
      const first = await start(container, ['sh', '-c', 'mkdir /one; sleep 100'], { onListener });
      const joined = await exec(container, ['mkdir', '/two'], { onListener });
      expect(joined).toMatchObject({ status: 1, stderr: expect.stringMatching(/Cross-device|Invalid cross/) });
      expect(answers.pids).toEqual([first.process.pid(), expect.any(Number)]);
      await vi.waitFor(() => expect(seen).toContain('/one'), { timeout: 30_000 });
    });
    await answers.done();
    expect(new Set(seen)).toEqual(new Set(['/one', '/two']));
  });

  it('may ask about the execution of the program itself, and everything else', async () => {
    const names = new Set<string | undefined>();
    const { onListener, done } = answering((request) => {
      names.add(request.name);
      request.continue();
    });
    const seccomp: SeccompProfile = { defaultAction: 'SCMP_ACT_NOTIFY' };
    const result = await box().runContainer(box().config({ seccomp }), ['sh', '-c', 'echo through'], { onListener });
    expect(result).toMatchObject({ status: 0, stdout: 'through\n' });
    await done();
    expect(names).toContain('execve');
    expect(names).toContain('write');
  });

  it('is there whatever else it denies', async () => {
    const { onListener, done } = answering((request) => request.succeed(0));
    const seccomp: SeccompProfile = {
      defaultAction: 'SCMP_ACT_ALLOW',
      syscalls: [
        { names: ['mkdir', 'mkdirat'], action: 'SCMP_ACT_NOTIFY' },
        { names: ['sendmsg', 'sendto', 'seccomp', 'capset'], action: 'SCMP_ACT_KILL_PROCESS' },
      ],
    };
    const result = await box().runContainer(box().config({ seccomp }), ['mkdir', '/proc/x'], { onListener });
    expect(result).toMatchObject({ status: 0 });
    await done();
  });

  it('is refused before anything starts when nobody answers', async () => {
    const container = await box().create(box().config({ seccomp: asking('mkdir') }));
    expect(await failure(start(container, ['true']))).toMatchObject({
      code: 'ConfigInvalid',
      field: 'seccomp',
      message: expect.stringContaining('nobody listens'),
      hint: expect.stringContaining('onListener'),
    });
    await container.destroy();
  });

  it('of whose answer one is tired is a start that can be aborted', async () => {
    const container = await box().create(box().config({ seccomp: asking('execve') }));
    const controller = new AbortController();
    let held: Listener | undefined;
    const onListener = (listener: Listener) => {
      held = listener;
      controller.abort(new RangeError('enough'));
    };
    const { signal } = controller;
    const error = await failure(start(container, ['true'], { onListener, signal }));
    expect(error.message).toContain('enough');
    held?.close();
    await container.destroy();
  });

  it('ends the start when its taker throws', async () => {
    const container = await box().create(box().config({ seccomp: asking('mkdir') }));
    const onListener = (listener: Listener) => {
      listener.close();
      throw new RangeError('not today');
    };
    expect(await failure(start(container, ['sleep', '100'], { onListener }))).toMatchObject({
      message: expect.stringContaining('not today'),
    });
    await container.destroy();
  });
});

/** An agent as other runtimes have them: takes connections one after the other, and lets mkdir(2) succeed. */
const agent = `
import array, json, os, socket, struct, sys, fcntl
server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
server.bind(sys.argv[1])
server.listen(8)
for _ in range(int(sys.argv[2])):
    peer, _ = server.accept()
    text, ancillary, _, _ = peer.recvmsg(65536, socket.CMSG_SPACE(4))
    fd = array.array('i', ancillary[0][2])[0]
    print(text.decode(), flush=True)
    request = bytearray(80)
    fcntl.ioctl(fd, 0xc0502100, request)
    fcntl.ioctl(fd, 0xc0182101, request[:8] + struct.pack('=qiI', 0, 0, 0))
    os.close(fd)
`;

describe('an agent', () => {
  it('gets the listener of each process, over connections of their own, with its state', async () => {
    const listenerPath = join(box().dir, 'agent.sock');
    const child = spawn('/usr/bin/python3', ['-c', agent, listenerPath, '2'], { stdio: ['ignore', 'pipe', 'inherit'] });
    const ended = once(child, 'close');
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
    await vi.waitFor(() => expect(existsSync(listenerPath)).toBe(true), { timeout: 30_000, interval: 5 });
    const seccomp = { ...asking('mkdir', 'mkdirat'), listenerPath, listenerMetadata: 'MKNOD=/dev/null' };
    const container = await box().create(box().config({ seccomp }));
    const first = await start(container, ['sh', '-c', 'mkdir /proc/one && exec sleep 100']);
    const joined = await start(container, ['mkdir', '/proc/two']);
    expect((await joined.result).status).toBe(0);
    const pids = [first.process.pid(), joined.process.pid()];
    await ended;
    await container.destroy({ force: true });
    const told = output
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(told).toEqual(
      pids.map((pid, index) => ({
        ociVersion: '1.0.2',
        fds: ['seccompFd'],
        pid,
        metadata: 'MKNOD=/dev/null',
        state: {
          ociVersion: '1.0.2',
          id: container.id,
          status: index === 0 ? 'creating' : 'running',
          pid: pids[0],
          bundle: box().rootfs,
          annotations: {},
        },
      })),
    );
  });

  it('that is not there is an error, and nothing is left', async () => {
    const listenerPath = join(box().dir, 'nobody.sock');
    const container = await box().create(box().config({ seccomp: { ...asking('mkdir'), listenerPath } }));
    expect(await failure(start(container, ['sleep', '100']))).toMatchObject({
      code: 'SystemError',
      field: 'seccomp.listenerPath',
      path: listenerPath,
      errno: 'ENOENT',
    });
    await container.destroy();
  });
});
