import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { expect, it } from 'vitest';
import { landlockSupport } from './abi.ts';

it('the kernel has Landlock, which the tests that follow need', () => {
  expect(landlockSupport().abi).toBeGreaterThan(0);
});

it('restricts a thread and what it starts, not the thread beside it', async () => {
  // What was built: a worker of its own does not read TypeScript.
  const dir = mkdtempSync(join(tmpdir(), 'nsinit-landlock-'));
  try {
    const source = `
      const { parentPort } = require('node:worker_threads');
      const { spawnSync } = require('node:child_process');
      import(${JSON.stringify(import.meta.resolve('../dist/index.js'))}).then(({ restrictSelf }) => {
        const { unenforced } = restrictSelf({
          mode: 'best_effort',
          handledFiles: ['make_reg', 'write_file'],
          paths: [{ paths: ['/dev/null'], access: ['write_file'] }],
        });
        const { status, stderr } = spawnSync('/bin/sh', ['-c', 'echo x >${dir}/inside'], { encoding: 'utf8' });
        parentPort.postMessage({ status, stderr, unenforced });
      });`;
    const told = await new Promise<unknown>((resolve, reject) => {
      const worker = new Worker(source, { eval: true, execArgv: [] });
      worker.once('message', resolve);
      worker.once('error', reject);
    });
    expect(told).toMatchObject({ status: 2, stderr: expect.stringContaining('Permission denied'), unenforced: [] });
    execFileSync('/bin/sh', ['-c', `echo x >${dir}/outside`]);
  } finally {
    rmSync(dir, { recursive: true });
  }
});
