import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { bundle } from '../../testing/bundle.ts';
import { useSandbox } from '../../testing/sandbox.ts';

const sandbox = useSandbox();
let library: string;
beforeAll(async () => {
  library = await bundle(sandbox());
});
beforeEach((ctx) => {
  if (!existsSync('/dev/net/tun')) ctx.skip('host: no /dev/net/tun');
});

describe('a program of a network that ends at once', () => {
  it('keeps nobody waiting who has seen the error', () => {
    const { dir, state } = sandbox();
    const bin = join(dir, 'bin');
    mkdirSync(bin);
    writeFileSync(join(bin, 'pasta'), '#!/bin/sh\necho no luck >&2\nexit 3\n', { mode: 0o755 });
    const ids = [{ containerId: 0, hostId: 0, size: 1 }];
    const { namespaces = [], cgroups: _, ...config } = sandbox().config();
    const wanted = {
      ...config,
      namespaces: [...namespaces, { type: 'NEWUSER' }],
      uidMappings: ids,
      gidMappings: ids,
      networks: [{ type: 'loopback' }, { type: 'user' }],
    };
    const script = join(dir, 'start.mjs');
    writeFileSync(
      script,
      `const { createFactory, Process } = await import(${JSON.stringify(library)});
       const factory = await createFactory(${JSON.stringify(state)});
       const container = await factory.create('unlucky', ${JSON.stringify(wanted)});
       await container.start(new Process({ args: ['true'] })).catch(({ message }) => console.log(message));
       await container.destroy();`,
    );
    // To root of a user namespace the host's users are others: such a network is for it too.
    const { stdout, stderr, status } = spawnSync('unshare', ['--map-root-user', process.execPath, script], {
      encoding: 'utf8',
      env: { PATH: `${bin}:${process.env['PATH']}` },
      timeout: 50_000,
    });
    expect([stdout, stderr, status]).toEqual([expect.stringMatching(/pasta ended with 3: no luck/), '', 0]);
  });
});
