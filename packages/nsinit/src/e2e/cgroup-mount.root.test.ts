import { expect, it } from 'vitest';
import { namespaceFlags } from '../testing/box.ts';
import { useBox } from '../testing/use-box.ts';

const { cli, box } = useBox();

const run = (...args: readonly string[]) => cli().run(['--root', box().state, ...args], { cwd: box().rootfs });

it('--cgroup shows a container its own limits, which it cannot change', async () => {
  const script =
    'cd /sys/fs/cgroup; cat memory/memory.limit_in_bytes memory.max 2>/dev/null; echo 1 >cgroup.procs || echo 1 >memory/tasks';
  const { status, stdout, stderr } = await run(
    'exec',
    ...namespaceFlags,
    '--cgroup',
    '--memory-limit',
    '67108864',
    'sh',
    '-c',
    script,
  );
  expect(stdout).toBe('67108864\n');
  expect(stderr).toMatch(/can't create .*: Read-only file system/);
  expect(status).toBe(1);
});

it('--cgroup is in the plan', async () => {
  const { stdout, status } = await run('plan', '--cgroup', 'true');
  expect(status).toBe(0);
  expect(stdout).toMatch(/mount cgroup on \/sys\/fs\/cgroup/);
});
