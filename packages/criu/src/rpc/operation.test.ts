import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Fd, invoke } from '@nsinit/syscall';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Criu, CriuError } from '../index.ts';
import { type FakeService, fakeCriu } from '../testing/fake-criu.ts';
import type { CriuExit } from './process.ts';

const done: CriuExit = { code: 0, signal: null };
const failed: CriuExit = { code: 1, signal: null };

/** A dump that asks three times, and fails as criu does when an answer is no. */
function dumping(answers: (boolean | undefined)[], undone: (boolean | undefined)[] = []) {
  return fakeCriu(async (service) => {
    await service.receive();
    for (const script of ['pre-dump', 'network-lock', 'post-dump']) {
      const answer = await service.ask(script);
      answers.push(answer);
      if (answer) continue;
      undone.push(await service.ask('network-unlock'));
      service.send({ type: 'DUMP', success: false });
      return failed;
    }
    service.send({ type: 'DUMP', success: true, dump: { restored: false } });
    return done;
  });
}

describe('an operation', () => {
  let imagesDirectory: string;
  let openFds: number;
  beforeEach(() => {
    imagesDirectory = mkdtempSync(join(tmpdir(), 'criu-unit-'));
    openFds = readdirSync('/proc/self/fd').length;
  });
  afterEach(() => {
    rmSync(imagesDirectory, { recursive: true });
  });

  const failureOf = async (result: Promise<unknown>): Promise<CriuError> => {
    const error = await result.then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(CriuError);
    return error as CriuError;
  };

  it('accepts every notification when only its result is asked for, and leaves nothing open', async () => {
    const answers: (boolean | undefined)[] = [];
    const criu = new Criu({ spawn: dumping(answers) });
    // What the event loop and koffi open for themselves, they open once.
    await criu.dump({ pid: 1, imagesDirectory }).result();
    openFds = readdirSync('/proc/self/fd').length;
    expect(await criu.dump({ pid: 1, imagesDirectory }).result()).toEqual({ statistics: undefined });
    expect(answers).toEqual([true, true, true, true, true, true]);
    expect(readdirSync('/proc/self/fd')).toHaveLength(openFds);
  });

  it('gives its notifications in order, each one waiting for the answer', async () => {
    const answers: (boolean | undefined)[] = [];
    const operation = new Criu({ spawn: dumping(answers) }).dump({ pid: 1, imagesDirectory });
    const scripts: string[] = [];
    for await (const notification of operation) {
      scripts.push(notification.script);
      expect(answers).toHaveLength(scripts.length - 1);
      notification.accept();
      expect(() => notification.refuse()).toThrow('was answered before');
    }
    expect(scripts).toEqual(['pre-dump', 'network-lock', 'post-dump']);
    await expect(operation.result()).resolves.toBeDefined();
    await expect(operation[Symbol.asyncIterator]().next()).rejects.toThrow('can be taken once');
  });

  it('fails when a notification is refused, and asks to undo', async () => {
    const answers: (boolean | undefined)[] = [];
    const operation = new Criu({ spawn: dumping(answers) }).dump({ pid: 1, imagesDirectory });
    const scripts: string[] = [];
    for await (const notification of operation) {
      scripts.push(notification.script);
      if (notification.script === 'network-lock') notification.refuse();
      else notification.accept();
    }
    expect(scripts).toEqual(['pre-dump', 'network-lock', 'network-unlock']);
    expect(answers).toEqual([true, false]);
    expect(await failureOf(operation.result())).toMatchObject({ kind: 'refused', request: 'dump' });
  });

  it('refuses a notification that is not answered, and says which', async () => {
    const answers: (boolean | undefined)[] = [];
    const operation = new Criu({ spawn: dumping(answers) }).dump({ pid: 1, imagesDirectory });
    const loop = async (): Promise<void> => {
      for await (const notification of operation) if (notification.script === 'pre-dump') notification.accept();
    };
    await expect(loop()).rejects.toThrow('the notification network-lock was not answered');
    expect(answers).toEqual([true, false]);
    expect(await failureOf(operation.result())).toMatchObject({ kind: 'refused' });
  });

  it.each(['break', 'throw'])('refuses when the loop ends early by %s', async (how) => {
    const answers: (boolean | undefined)[] = [];
    const undone: (boolean | undefined)[] = [];
    const operation = new Criu({ spawn: dumping(answers, undone) }).dump({ pid: 1, imagesDirectory });
    const loop = async (): Promise<void> => {
      for await (const notification of operation) {
        if (how === 'throw') throw new Error('of the caller');
        notification.accept();
        break;
      }
    };
    if (how === 'throw') await expect(loop()).rejects.toThrow('of the caller');
    else await loop();
    expect(answers.at(-1)).toBe(false);
    expect(undone).toEqual([true]);
    expect(await failureOf(operation.result())).toMatchObject({ kind: 'refused' });
  });

  it('is refused by the next answer after an abort', async () => {
    const answers: (boolean | undefined)[] = [];
    const undone: (boolean | undefined)[] = [];
    const controller = new AbortController();
    const operation = new Criu({ spawn: dumping(answers, undone) }).dump({
      pid: 1,
      imagesDirectory,
      signal: controller.signal,
    });
    const seen: string[] = [];
    for await (const notification of operation) {
      seen.push(notification.script);
      controller.abort(new Error('enough'));
      notification.accept();
    }
    expect(seen).toEqual(['pre-dump', 'network-unlock']);
    expect(answers).toEqual([false]);
    expect(undone).toEqual([true]);
    const error = await failureOf(operation.result());
    expect(error).toMatchObject({ kind: 'aborted', cause: expect.objectContaining({ message: 'enough' }) });
  });

  it('kills a criu that asks nothing after an abort', async () => {
    const controller = new AbortController();
    const spawn = fakeCriu(async (service) => {
      await service.receive();
      controller.abort();
      return new Promise(() => undefined);
    });
    const { signal } = controller;
    const operation = new Criu({ spawn }).dump({ pid: 1, imagesDirectory, signal, abortGraceMs: 0 });
    expect(await failureOf(operation.result())).toMatchObject({ kind: 'aborted', request: 'dump' });
  });

  it('does not start with a signal that is aborted already', async () => {
    const spawn = fakeCriu(() => Promise.reject(new Error('started')));
    const operation = new Criu({ spawn }).dump({ pid: 1, imagesDirectory, signal: AbortSignal.abort() });
    expect(await failureOf(operation.result())).toMatchObject({ kind: 'aborted' });
  });

  it('ends what was started when it is left', async () => {
    const answers: (boolean | undefined)[] = [];
    {
      await using operation = new Criu({ spawn: dumping(answers) }).dump({ pid: 1, imagesDirectory });
      void operation;
    }
    expect(answers).toEqual([false]);
  });

  it.each([0, 1])('ends what was started when a loop stands still after %d steps', async (steps) => {
    const answers: (boolean | undefined)[] = [];
    const operation = new Criu({ spawn: dumping(answers) }).dump({ pid: 1, imagesDirectory });
    const loop = operation[Symbol.asyncIterator]();
    for (let step = 0; step < steps; step++) await loop.next();
    await operation[Symbol.asyncDispose]();
    expect(answers).toEqual([false]);
    expect(await failureOf(operation.result())).toMatchObject({ kind: 'aborted' });
  });

  it('tells how criu died', async () => {
    const spawn = fakeCriu(async (service) => {
      await service.receive();
      return { code: null, signal: 'SIGSEGV' };
    });
    const error = await failureOf(new Criu({ spawn }).dump({ pid: 1, imagesDirectory }).result());
    expect(error).toMatchObject({ kind: 'died', request: 'dump' });
    expect(error.message).toBe('criu dump failed: criu ended without an answer (killed by SIGSEGV)');
  });

  it('quotes the log, the error number and the remedy', async () => {
    const spawn = fakeCriu(async (service) => {
      await service.receive();
      const log =
        '(00.020000) Error (criu/file-lock.c:110): Some file locks are hold! You can try --file-locks to dump them.';
      writeFileSync(join(imagesDirectory, 'dump.log'), `${log}\n(00.03) Error (criu/cr-dump.c:1): Dumping FAILED.\n`);
      service.send({ type: 'DUMP', success: false, cr_errno: 3 });
      return failed;
    });
    writeFileSync(join(imagesDirectory, 'dump.log'), 'Error (a.c:1): of an earlier run\n');
    const error = await failureOf(new Criu({ spawn }).dump({ pid: 1, imagesDirectory }).result());
    expect(error.message).toBe(
      'criu dump failed: Some file locks are hold! You can try --file-locks to dump them (ESRCH: no such process); set fileLocks',
    );
    expect(error).toMatchObject({ kind: 'failed', errno: 3, code: 'ESRCH', remedy: 'set fileLocks' });
    expect(readFileSync(error.logPath!, 'utf8')).not.toContain('earlier');
  });

  it('refuses bytes that are no answer, and ends criu', async () => {
    const spawn = fakeCriu(async (service) => {
      await service.receive();
      service.sendBytes(Uint8Array.of(0xff));
      return new Promise(() => undefined);
    });
    const error = await failureOf(new Criu({ spawn }).dump({ pid: 1, imagesDirectory }).result());
    expect(error).toMatchObject({ kind: 'protocol', message: 'criu dump: unable to parse the response ff' });
  });

  it('hands over the descriptor beside a notification, and closes one that nobody takes', async () => {
    const serve = async (service: FakeService): Promise<CriuExit> => {
      using file = new Fd(invoke('memfd_create', { name: 'terminal', flags: ['MFD_CLOEXEC'] }));
      await service.receive();
      await service.ask('orphan-pts-master', file);
      await service.ask('orphan-pts-master', file);
      service.send({ type: 'RESTORE', success: true, restore: { pid: 77 } });
      return done;
    };
    const operation = new Criu({ spawn: fakeCriu(serve) }).restore({ imagesDirectory });
    const taken: Fd[] = [];
    for await (const notification of operation) {
      if (taken.length === 0) taken.push(notification.takeFd()!);
      notification.accept();
    }
    const links = readdirSync('/proc/self/fd').flatMap((fd) => linkOf(fd));
    expect(links.filter((link) => link.includes('memfd:terminal'))).toHaveLength(1);
    taken[0]!.close();
    expect((await operation.result()).pid).toBe(77);
  });

  it('gives inherited descriptors the numbers that the request tells', async () => {
    using first = new Fd(invoke('memfd_create', { name: 'a', flags: ['MFD_CLOEXEC'] }));
    using second = new Fd(invoke('memfd_create', { name: 'b', flags: ['MFD_CLOEXEC'] }));
    const spawn = fakeCriu(async (service) => {
      const opts = (await service.receive())?.opts;
      expect(opts?.inherit_fd?.map(({ fd }) => service.descriptors[fd])).toEqual([first, second]);
      service.send({ type: 'RESTORE', success: true, restore: { pid: 77 } });
      return done;
    });
    const inheritFds = [
      { key: 'pipe:[1]', fd: first },
      { key: 'pipe:[2]', fd: second },
    ];
    await new Criu({ spawn }).restore({ imagesDirectory, inheritFds }).result();
  });
});

function linkOf(fd: string): readonly string[] {
  try {
    return [readlinkSync(`/proc/self/fd/${fd}`)];
  } catch {
    return [];
  }
}
