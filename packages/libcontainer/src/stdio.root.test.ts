import { closeSync, openSync, readFileSync, readSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough, Readable, Writable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { Fd, invoke } from '@nsinit/syscall';
import { describe, expect, it } from 'vitest';
import { Capture } from './testing/capture.ts';
import { exec, failure, start, useSandbox } from './testing/sandbox.ts';

const box = useSandbox();

/** The two ends of a pipe. */
function pipe(): readonly [Fd, Fd] {
  const pipefd = new Int32Array(2);
  invoke('pipe2', { pipefd: new Uint8Array(pipefd.buffer), flags: ['O_CLOEXEC'] });
  return [new Fd(pipefd[0]!), new Fd(pipefd[1]!)];
}

/** A stream that takes its time for each chunk. */
class Slow extends Writable {
  readonly chunks: Buffer[] = [];
  constructor() {
    super({ highWaterMark: 4096 });
  }
  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.chunks.push(chunk);
    setTimeout(done, 1);
  }
}

const megabytes = 5;
const seq = 'i=0; while [ $i -lt 5 ]; do head -c 1048576 /dev/zero | tr "\\\\0" $i; i=$((i+1)); done';
const whole = Buffer.concat(Array.from({ length: megabytes }, (_, index) => Buffer.alloc(1048576, String(index))));

describe('standard streams', () => {
  it('are the null device of the container when nothing is said', async () => {
    await box().using(box().config(), async (container) => {
      const { process } = await start(container, ['sleep', '100'], {
        process: { stdin: null, stdout: null, stderr: null },
      });
      const file = (path: string) => {
        const { dev, ino } = statSync(`/proc/${process.pid()}/${path}`);
        return [dev, ino];
      };
      for (const fd of [0, 1, 2]) expect(file(`fd/${fd}`)).toEqual(file('root/dev/null'));
      const quiet = { process: { stdin: null, stdout: null, stderr: null } };
      expect(await exec(container, ['sh', '-c', 'cat; echo lost; echo lost >&2'], quiet)).toMatchObject({ status: 0 });
    });
  });

  it('are files that are open here, as numbers or descriptors', async () => {
    const path = join(box().dir, 'output');
    writeFileSync(join(box().dir, 'input'), 'from a file');
    const input = openSync(join(box().dir, 'input'), 'r');
    const output = openSync(path, 'w');
    using errors = new Fd(openSync(`${path}.errors`, 'w'));
    try {
      const streams = { stdin: input, stdout: output, stderr: errors };
      await box().runContainer(box().config(), ['sh', '-c', 'cat; echo error >&2'], { process: streams });
      // They are still ours.
      expect(readSync(input, Buffer.alloc(1))).toBe(0);
      expect(errors.closed).toBe(false);
    } finally {
      closeSync(input);
      closeSync(output);
    }
    expect(readFileSync(path, 'utf8')).toBe('from a file');
    expect(readFileSync(`${path}.errors`, 'utf8')).toBe('error\n');
  });

  it('may be crossed: each of them where another was', async () => {
    const [a, b, c] = ['a', 'b', 'c'].map((name) => openSync(join(box().dir, name), 'w+'));
    try {
      // The lowest free numbers are often those that the process gets.
      await box().runContainer(box().config(), ['sh', '-c', 'echo 1; echo 2 >&2; echo 3 >&3; echo 4 >&4'], {
        process: { stdin: null, stdout: c!, stderr: b!, extraFiles: [a!, c!] },
      });
    } finally {
      for (const fd of [a, b, c]) closeSync(fd!);
    }
    expect(['a', 'b', 'c'].map((name) => readFileSync(join(box().dir, name), 'utf8'))).toEqual([
      '3\n',
      '2\n',
      '1\n4\n',
    ]);
  });

  it('can be streams: what is written arrives, and its end', async () => {
    const { stdout, status } = await box().runContainer(box().config(), ['cat'], {
      process: { stdin: Readable.from([Buffer.from('one '), Buffer.from('two')]) },
    });
    expect({ stdout, status }).toEqual({ stdout: 'one two', status: 0 });
  });

  it('can be streams that have ended or been destroyed already', async () => {
    const ended = new PassThrough();
    ended.end();
    ended.resume();
    await delay(5);
    const destroyed = new PassThrough();
    destroyed.destroy();
    for (const stdin of [ended, destroyed])
      expect(await box().runContainer(box().config(), ['cat'], { process: { stdin } })).toMatchObject({
        status: 0,
        stdout: '',
      });
  });

  it('end for the process when the stream breaks', async () => {
    const stdin = new PassThrough();
    stdin.on('error', () => {});
    stdin.write('part');
    await box().using(box().config(), async (container) => {
      const { stdout, result } = await start(container, ['cat'], { process: { stdin } });
      await stdout.until(/part/);
      stdin.destroy(new Error('broken'));
      expect(await result).toMatchObject({ status: 0, stdout: 'part' });
    });
  });

  it('carry megabytes in and out at once', async () => {
    const { stdout, stderr } = await box().using(box().config(), async (container) => {
      const { process, stdout, stderr } = await start(container, ['sh', '-c', 'tee /dev/stderr'], {
        process: { stdin: Readable.from([whole]) },
      });
      await process.wait();
      return { stdout, stderr };
    });
    expect(stdout.bytes().equals(whole)).toBe(true);
    expect(stderr.bytes().equals(whole)).toBe(true);
  });

  it('lose nothing through a slow stream', async () => {
    const stdout = new Slow();
    const result = await box().runContainer(box().config(), ['sh', '-c', seq], { process: { stdout } });
    expect(result).toMatchObject({ status: 0, stderr: '' });
    await new Promise((resolve) => stdout.end(resolve));
    expect(Buffer.concat(stdout.chunks).equals(whole)).toBe(true);
  });

  it('lose no tail, however short the process', async () => {
    await box().using(box().config(), async (container) => {
      await start(container, ['sleep', '100']);
      const results: string[] = [];
      for (let batch = 0; batch < 20; batch++)
        results.push(
          ...(await Promise.all(
            Array.from({ length: 10 }, async () => (await exec(container, ['echo', 'hi'])).stdout),
          )),
        );
      expect(results).toEqual(Array(200).fill('hi\n'));
    });
  });

  it('leave nothing on a stream that many processes share, and do not end it', async () => {
    const shared = new Capture();
    const listeners = () => shared.eventNames().map((name) => [name, shared.listenerCount(name)]);
    const before = listeners();
    await box().using(box().config(), async (container) => {
      await start(container, ['sleep', '100']);
      for (let i = 0; i < 12; i++)
        await exec(container, ['sh', '-c', 'echo out; echo error >&2'], {
          process: { stdout: shared, stderr: shared },
        });
    });
    expect(shared.text().split('\n').sort()).toEqual(['', ...Array(12).fill('error'), ...Array(12).fill('out')]);
    expect(shared.writableEnded).toBe(false);
    expect(listeners()).toEqual(before);
  });

  it('leave nothing on a source that goes on', async () => {
    const source = new PassThrough();
    const listeners = () => source.eventNames().map((name) => [name, source.listenerCount(name)]);
    const before = listeners();
    source.write('line');
    const { stdout } = await box().runContainer(box().config(), ['head', '-c', '4'], { process: { stdin: source } });
    expect(stdout).toBe('line');
    expect(listeners()).toEqual(before);
    expect(source.destroyed).toBe(false);
  });

  it('do not wait for those who inherited them', async () => {
    await box().using(box().config(), async (container) => {
      await start(container, ['sleep', '100']);
      const { stdout, status } = await exec(container, ['sh', '-c', 'sleep 100 & echo mine']);
      expect({ stdout, status }).toEqual({ stdout: 'mine\n', status: 0 });
    });
  });

  it('tell the process that nobody reads any more', async () => {
    const broken = new Writable({ write: (_chunk, _encoding, done) => done(new Error('broken')) });
    broken.on('error', () => {});
    const config = box().configWithout('NEWPID');
    expect(await box().runContainer(config, ['yes'], { process: { stdout: broken } })).toMatchObject({ status: -13 });
  });

  it('do not hold the process up when it reads nothing', async () => {
    const endless = new Readable({
      read() {
        this.push(Buffer.alloc(65536));
      },
    });
    expect(await box().runContainer(box().config(), ['true'], { process: { stdin: endless } })).toMatchObject({
      status: 0,
    });
    endless.destroy();
  });

  it('can be opened again by the user of the process', async () => {
    expect(
      await box().shell('echo by path > /dev/stdout; echo x > /proc/self/fd/2', box().config(), {
        process: { user: 'user', stderr: new Capture() },
      }),
    ).toBe('by path\n');
  });
});

describe('extra files', () => {
  it.for(['the first process', 'a process that joins'])(
    'are 3 and up for %s, and nothing else is open',
    async (which) => {
      await box().using(box().config(), async (container) => {
        if (which !== 'the first process') await start(container, ['sleep', '100']);
        const [read1, write1] = pipe();
        const [read2, write2] = pipe();
        const script = 'cd /proc/self/fd; echo -n *; echo -n 1 >&3; echo -n 2 >&4';
        const { stdout } = await exec(container, ['sh', '-c', script], {
          process: { extraFiles: [write1, write2.fd] },
        });
        // The last one is the directory that the shell itself reads.
        expect(stdout).toBe('0 1 2 3 4 5');
        expect(
          [read1, read2].map((end) => {
            const byte = Buffer.alloc(8);
            return byte.toString('utf8', 0, readSync(end.fd, byte));
          }),
        ).toEqual(['1', '2']);
        for (const fd of [read1, write1, read2, write2]) fd.close();
      });
    },
  );

  it('are refused when they are not open', async () => {
    const error = await failure(box().runContainer(box().config(), ['true'], { process: { extraFiles: [9999] } }));
    expect(error).toMatchObject({ name: 'ContainerError', code: 'SystemError', errno: 'EBADF' });
  });
});
