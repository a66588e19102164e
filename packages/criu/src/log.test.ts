import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { decisiveLines, parseLog } from './log.ts';
import { remedyFor } from './remedies.ts';

const directory = new URL('fixtures/logs/', import.meta.url);
const read = (name: string) => parseLog(readFileSync(new URL(`${name}.log`, directory), 'utf8'));

/** Excerpts of logs of real runs: the line that tells the cause, and what there is to do. */
const recorded: Readonly<Record<string, readonly [cause: string | undefined, remedy: string | undefined]>> = {
  '3.17.1-vdso-on-kernel-6.18': ['vdso: Unexpected rt vDSO area bounds', 'too old for the kernel'],
  '4.1.1-dump-success': [undefined, undefined],
  '4.1.1-file-lock': ['Some file locks are hold by dumping tasks!', 'fileLocks'],
  '4.1.1-freezer-missing': ['Neither a cgroupv1 (freezer.state) or cgroupv2', 'freezeCgroup'],
  '4.1.1-ghost-file': ["Can't dump ghost file", 'ghostLimitBytes'],
  '4.1.1-io-uring': ['send_fds failed (-22)', 'io_uring'],
  '4.1.1-link-remap': ["Can't create link remap for", 'linkRemap'],
  '4.1.1-log-level-1': ['Some file locks are hold by dumping tasks!', 'fileLocks'],
  '4.1.1-mount-from-outside': ["doesn't have a proper root mount", 'externalMounts'],
  '4.1.1-no-process': ['Failed to open /proc/999999/comm: No such file or directory', undefined],
  '4.1.1-page-server-refused': ["Can't connect to server 127.0.0.1:1", 'start a page server'],
  '4.1.1-restore-crash': [undefined, undefined],
  '4.1.1-restore-file-as-pipe': ["Can't restore file pos: Illegal seek", undefined],
  '4.1.1-restore-file-gone': ["Can't open file", 'at the same paths'],
  '4.1.1-restore-image-cut': ['Read 8 bytes while 10 expected from', undefined],
  '4.1.1-restore-path-closed': ["Can't open file tmp/lock", 'at the same paths'],
  '4.1.1-tcp-on-kernel-6.18': ["sockets: Can't get 1:16 opt: Operation not supported", 'criu 4.2'],
  '4.1.1-traced': ['Unseizable non-zombie', 'debugger'],
  '4.1.1-unix-outside': ['unix: External socket is used', 'externalUnixConnections'],
  '4.1.1-unix-stream': ["unix: Can't dump half of stream unix connection", 'end the connection'],
  '4.2.1-tcp-established': ['inet: Connected TCP socket', 'tcpEstablished'],
};

describe('decisiveLines', () => {
  it('has an expectation for every recorded log', () => {
    const names = readdirSync(directory).map((name) => name.replace(/\.log$/, ''));
    expect(names.sort()).toEqual(Object.keys(recorded).sort());
  });

  it.each(Object.entries(recorded))('%s', (name, [cause, remedy]) => {
    const lines = decisiveLines(read(name));
    if (cause === undefined) expect(lines).toEqual([]);
    else expect(lines[0]?.text).toContain(cause);
    const found = remedyFor(lines.map(({ text }) => text).join('\n'));
    if (remedy === undefined) expect(found).toBeUndefined();
    else expect(found).toContain(remedy);
  });

  it('names a cause once, however often it was tried', () => {
    expect(decisiveLines(read('4.1.1-traced')).map(({ text }) => text)).toHaveLength(1);
  });

  it('passes over programs that criu tries, whatever keeps it from them', () => {
    const log = readFileSync(new URL('4.1.1-restore-file-as-pipe.log', directory), 'utf8');
    const lines = parseLog(log.replaceAll(/(execvp.*failed): .*/g, '$1: Permission denied'));
    expect(decisiveLines(lines)[0]?.text).toContain("Can't restore file pos");
  });

  it('gives what follows from the cause when there is nothing else', () => {
    const lines = parseLog('(00.1) text\n(00.000002) Error (criu/cr-dump.c:2111): Dumping FAILED.\n');
    expect(decisiveLines(lines).map(({ text }) => text)).toEqual(['Dumping FAILED.']);
  });
});

describe('parseLog', () => {
  it('takes lines apart', () => {
    expect(
      parseLog(
        [
          "(01.025948)      1: Error (criu/files-reg.c:2353): Can't open file a/b: No such file",
          '(00.028441) Warn  (compel/arch/x86/src/lib/infect.c:418): Will restore 16940',
          'pie: 7: Error (criu/pie/parasite.c:588): send_fds failed (-22)',
          'Error (criu/file-lock.c:110): without a time',
          '(00.000684) Version: 3.17.1 (gitid 0)',
          '',
        ].join('\n'),
      ),
    ).toEqual([
      {
        level: 'error',
        text: "Can't open file a/b: No such file",
        microseconds: 1025948,
        pid: 1,
        source: 'criu/files-reg.c:2353',
      },
      {
        level: 'warning',
        text: 'Will restore 16940',
        microseconds: 28441,
        source: 'compel/arch/x86/src/lib/infect.c:418',
      },
      { level: 'error', text: 'send_fds failed (-22)', pid: 7, source: 'criu/pie/parasite.c:588' },
      { level: 'error', text: 'without a time', source: 'criu/file-lock.c:110' },
      { level: 'info', text: 'Version: 3.17.1 (gitid 0)', microseconds: 684 },
    ]);
  });
});
