import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { Container } from './container.ts';
import { Process, type ProcessOptions } from './process/process.ts';
import { Capture } from './testing/capture.ts';
import { environment, start, useSandbox } from './testing/sandbox.ts';

const box = useSandbox();

/** Starts a process on a terminal. */
async function startOnTerminal(
  container: Container,
  args: readonly string[],
  options: Partial<ProcessOptions> = {},
  rootUid = 0,
) {
  const process = new Process({ args, env: environment, ...options });
  const console = process.newConsole(rootUid);
  const seen = new Capture();
  console.pipe(seen);
  console.resize({ rows: 33, columns: 77 });
  await container.start(process);
  return { process, console, seen };
}

describe.each(['the first process', 'a process that joins'])('the terminal of %s', (which) => {
  const using = (body: (container: Container) => Promise<void>) =>
    box().using(box().config(), async (container) => {
      if (which !== 'the first process') await start(container, ['sleep', '100']);
      await body(container);
    });

  it('is its standard streams and its controlling terminal', () =>
    using(async (container) => {
      const { process, console, seen } = await startOnTerminal(container, [
        'sh',
        '-c',
        'tty; for n in 0 1 2; do [ -t $n ] && echo $n; done; echo by name >/dev/tty; ls /proc/self/fd',
      ]);
      expect(console.path).toMatch(/^\/dev\/pts\/\d+$/);
      const name = console.path!;
      expect((await process.wait()).exitCode).toBe(0);
      const first = which === 'the first process' ? '/dev/(console|pts/\\d+)' : name;
      expect(seen.text()).toMatch(new RegExp(`^${first}\r\n0\r\n1\r\n2\r\nby name\r\n0 +1 +2 +3\r\n$`));
      expect(console.fd).toBe(undefined);
    }));

  it('has the size that it was given, and another when that changes', () =>
    using(async (container) => {
      const script = 'trap "stty size; exit" WINCH; stty size; while :; do sleep 0.01; done';
      const { process, console, seen } = await startOnTerminal(container, ['sh', '-c', script]);
      await seen.until(/33 77\r\n/);
      console.resize({ rows: 40, columns: 100 });
      await process.wait();
      expect(seen.text()).toBe('33 77\r\n40 100\r\n');
    }));

  it('echoes, and edits lines, and carries control characters', () =>
    using(async (container) => {
      const { process, console, seen } = await startOnTerminal(container, ['cat']);
      console.write('typed\n');
      await seen.until(/typed\r\ntyped\r\n/);
      console.write('\u0004');
      expect((await process.wait()).exitCode).toBe(0);
      const second = await startOnTerminal(container, ['sleep', '100']).catch((error: unknown) => error);
      if (which === 'the first process') {
        // The container started anew: its first process ignores what it has no handler for.
        expect(second).not.toBeInstanceOf(Error);
        return;
      }
      const { process: sleeper, console: line } = second as Awaited<ReturnType<typeof startOnTerminal>>;
      line.write('\u0003');
      expect((await sleeper.wait()).signal).toBe('SIGINT');
    }));

  it('ends with the process: the stream says so, and nothing is lost', () =>
    using(async (container) => {
      const { process, console, seen } = await startOnTerminal(container, [
        'sh',
        '-c',
        'i=0; while [ $i -lt 3000 ]; do echo line $i; i=$((i+1)); done',
      ]);
      const ended = new Promise((resolve) => console.once('end', resolve));
      await process.wait();
      await ended;
      const lines = seen.text().split('\r\n');
      expect(lines).toHaveLength(3001);
      expect(lines[2999]).toBe('line 2999');
      expect(console.write('to nobody')).toBe(true);
    }));

  it('holds up who types what nobody reads, and nothing else', () =>
    using(async (container) => {
      const { process, console, seen } = await startOnTerminal(container, [
        'sh',
        '-c',
        'stty raw -echo; echo ready; sleep 100',
      ]);
      await seen.until(/ready/);
      const typed = new Promise((resolve) => console.write(Buffer.alloc(300_000, 'x'), resolve));
      await delay(10);
      expect(console.writableLength).toBeGreaterThan(0);
      process.signal('SIGKILL');
      expect((await process.wait()).signal).toBe('SIGKILL');
      await typed;
    }));

  it('carries more than a terminal holds', () =>
    using(async (container) => {
      const { process, console, seen } = await startOnTerminal(container, [
        'sh',
        '-c',
        'stty raw -echo; echo ready; head -c 300000 | wc -c',
      ]);
      await seen.until(/ready/);
      console.write(Buffer.alloc(300_000, 'x'));
      await process.wait();
      expect(seen.text()).toMatch(/300000\n$/);
    }));

  it('waits for a slow reader', () =>
    using(async (container) => {
      const script = 'stty -echo; head -c 60000 /dev/zero | tr "\\0" x; echo; echo last; read line; echo "$line"';
      const process = new Process({ args: ['sh', '-c', script], env: environment });
      const console = process.newConsole();
      await container.start(process);
      await delay(20);
      let text = '';
      let answered = false;
      console.on('data', (chunk: Buffer) => {
        text += chunk.toString();
        console.pause();
        setTimeout(() => console.resume(), 1);
        // What is unread when the leader of its session ends, the kernel throws away: so it stays until then.
        if (!answered && text.endsWith('last\r\n')) answered = console.write('answer\n');
      });
      const ended = new Promise((resolve) => console.once('end', resolve));
      await process.wait();
      await ended;
      expect(text).toBe(`${'x'.repeat(60000)}\r\nlast\r\nanswer\r\n`);
    }));

  it('settles the end of a process whose terminal nobody reads', () =>
    using(async (container) => {
      const process = new Process({ args: ['sh', '-c', 'echo unread'], env: environment });
      const console = process.newConsole();
      await container.start(process);
      expect((await process.wait()).exitCode).toBe(0);
      expect(String(await console.toArray().then((chunks: Buffer[]) => Buffer.concat(chunks)))).toBe('unread\r\n');
    }));

  it('belongs to the user that was named', () =>
    using(async (container) => {
      const { process, seen } = await startOnTerminal(
        container,
        ['sh', '-c', 'stat -L -c "%u %a" /proc/self/fd/0; echo x >/dev/tty'],
        { user: 'user' },
        1000,
      );
      expect((await process.wait()).exitCode).toBe(0);
      expect(seen.text()).toMatch(/^1000 6[02]0\r\nx\r\n$/);
    }));

  it('hangs up when it is destroyed', () =>
    using(async (container) => {
      const { process, console, seen } = await startOnTerminal(container, [
        'sh',
        '-c',
        'trap "exit 5" HUP; echo ready; while :; do sleep 0.01; done',
      ]);
      await seen.until(/ready/);
      console.destroy();
      expect((await process.wait()).exitCode).toBe(5);
    }));
});

describe('a terminal', () => {
  it('loses no tail of short processes', async () => {
    await box().using(box().config(), async (container) => {
      await start(container, ['sleep', '100']);
      const texts: string[] = [];
      for (let batch = 0; batch < 10; batch++)
        texts.push(
          ...(await Promise.all(
            Array.from({ length: 10 }, async () => {
              const { process, console, seen } = await startOnTerminal(container, ['echo', 'hi']);
              const ended = new Promise((resolve) => console.once('end', resolve));
              await process.wait();
              await ended;
              return seen.text();
            }),
          )),
        );
      expect(texts).toEqual(Array(100).fill('hi\r\n'));
    });
  });

  it('is /dev/console of the first process', async () => {
    await box().using(box().config(), async (container) => {
      const { process, seen } = await startOnTerminal(container, [
        'sh',
        '-c',
        'echo by console >/dev/console; [ -c /dev/console ] && tty </dev/console',
      ]);
      expect((await process.wait()).exitCode).toBe(0);
      expect(seen.text()).toMatch(/^by console\r\n\/dev\//);
    });
  });

  it('shows the processes of the container', async () => {
    await box().using(box().config(), async (container) => {
      await start(container, ['sleep', '100']);
      const { process, seen } = await startOnTerminal(container, ['ps', '-o', 'args']);
      await process.wait();
      expect(seen.text()).toContain('sleep 100');
      expect(seen.text()).toContain('ps -o args');
    });
  });

  it('leaves nothing when the start fails', async () => {
    await box().using(box().config(), async (container) => {
      await expect(startOnTerminal(container, ['absent'])).rejects.toThrow(/not found/);
      await expect(startOnTerminal(container, ['true'], { user: 'nobody-at-all' })).rejects.toThrow(/nobody-at-all/);
    });
  });
});
