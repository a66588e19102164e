import { describe, expect, it } from 'vitest';
import { exec, failure, start, useSandbox } from './testing/sandbox.ts';

const box = useSandbox();

describe('resource limits', () => {
  it('are those of the configuration', async () => {
    expect(await box().shell('ulimit -n; ulimit -Hn')).toBe('1025\n1025\n');
  });

  it('are those of the configuration for a process that joins', async () => {
    await box().using(box().config(), async (container) => {
      await start(container, ['sleep', '100']);
      expect((await exec(container, ['sh', '-c', 'ulimit -n'])).stdout).toBe('1025\n');
    });
  });

  it('may be named or numbered, and unlimited', async () => {
    const config = box().config({
      rlimits: [
        { type: 'RLIMIT_CORE', soft: 0, hard: 4096 },
        { type: 7, soft: 100, hard: 200 },
        { type: 'RLIMIT_STACK', soft: 2n ** 64n - 1n, hard: 2n ** 64n - 1n },
      ],
    });
    expect(await box().shell('ulimit -n; ulimit -Hn; ulimit -s; grep "core file" /proc/self/limits', config)).toMatch(
      /^100\n200\nunlimited\nMax core file size +0 +4096 +bytes/,
    );
  });

  it('name their field when the kernel refuses them', async () => {
    // Soft above hard is EINVAL for everybody.
    const factory = await box().factory({ validator: { validate: () => {} } });
    const config = box().config({ rlimits: [{ type: 'RLIMIT_NOFILE', soft: 10, hard: 5 }] });
    const container = await factory.create(box().nextId(), config);
    const error = await failure(exec(container, ['true']));
    expect(error.detail()).toMatch(/rlimits\[0\].*EINVAL/);
    await container.destroy();
  });
});
