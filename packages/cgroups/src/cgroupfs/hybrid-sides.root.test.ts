import { expect, it } from 'vitest';
import { Group } from '../fs/group.ts';
import { hugePageSizes } from '../hugepages.ts';
import { detectLayout } from '../layout/layout.ts';
import { readIn, testManager } from '../testing/host.ts';

const { kind, v2 } = detectLayout();
const mixed = kind === 'hybrid' && v2?.controllers.includes('hugetlb');

it('limits on each side of a hybrid host what that side controls', async ({ skip }) => {
  skip(!mixed, 'host: its cgroup v2 has no controller beside those of v1');
  const [pageSize = ''] = hugePageSizes();
  const top = new Group(v2!.mountPoint);
  const before = top.read('cgroup.subtree_control');
  try {
    await using manager = testManager({ memory: 32 << 20, hugetlbLimit: [{ pageSize, limit: 4 << 20 }] });
    (await manager.prepare()).directory?.close();
    expect(readIn(manager, '', `hugetlb.${pageSize}.max`)).toBe(String(4 << 20));
    expect(readIn(manager, 'memory', 'memory.limit_in_bytes')).toBe(String(32 << 20));
    expect(manager.stats().hugetlb?.[pageSize]).toMatchObject({ usage: 0n, failcnt: 0n });
    await manager.set({ hugetlbLimit: [{ pageSize, limit: -1 }] });
    expect(readIn(manager, '', `hugetlb.${pageSize}.max`)).toMatch(/^(max|\d{15,})$/);
  } finally {
    if (!before.includes('hugetlb')) top.write('cgroup.subtree_control', '-hugetlb');
  }
});
