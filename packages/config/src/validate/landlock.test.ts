import { describe, expect, it } from 'vitest';
import type { Config } from '../config.ts';
import { problemText } from '../error.ts';
import { template } from '../template.ts';
import { findProblems } from './validate.ts';

const texts = (changes: Partial<Config>): readonly string[] =>
  findProblems({ ...template({ rootfs: '/srv/busybox' }), ...changes }).map(problemText);

describe('landlock', () => {
  it.each<readonly [unknown, readonly string[]]>([
    [{ paths: [{ paths: ['/'], access: ['read', 'execute'] }] }, []],
    [{ ports: [] }, []],
    [{ scopes: ['signal'], log: ['new_exec_on'], mode: 'best_effort', abi: 3 }, []],
    [{}, ['landlock: it forbids nothing: paths, ports or scopes are required']],
    [{ handledFiles: [], paths: [] }, ['landlock: it forbids nothing: paths, ports or scopes are required']],
    [
      { mode: 'lax', abi: 0, scopes: ['signal', 'signals'], log: ['off'] },
      [
        'landlock.mode: unknown mode "lax"',
        'landlock.abi: version 0 is out of range, expected 1 to 2147483647',
        'landlock.scopes[1]: unknown name "signals" (did you mean "signal"?)',
        'landlock.log[0]: unknown name "off"',
      ],
    ],
    [
      {
        handledFiles: ['execute', 'reed'],
        paths: [
          { paths: ['tmp'], access: ['write_file'] },
          { paths: [], access: [] },
        ],
      },
      [
        'landlock.handled_files[1]: unknown name "reed"',
        'landlock.paths[0].paths[0]: path "tmp" is not an absolute path',
        'landlock.paths[0].access[0]: "write_file" is not handled, so that it is allowed everywhere',
        'landlock.paths[1].paths: a path is required',
        'landlock.paths[1].access: a right is required',
      ],
    ],
    [
      { ports: [{ port: 70000, access: ['bind'] }] },
      [
        'landlock.ports[0].port: port 70000 is out of range, expected 0 to 65535',
        'landlock.ports[0].access[0]: unknown name "bind"',
      ],
    ],
  ])('%j', (landlock, expected) => {
    expect(texts({ landlock: landlock as NonNullable<Config['landlock']> })).toEqual(expected);
  });
});
