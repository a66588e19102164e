import { readdirSync } from 'node:fs';
import type { Controller } from '../controller.ts';
import type { Group } from '../fs/group.ts';
import type { HugetlbStats } from '../stats/stats.ts';
import { parseUint } from '../text/parse.ts';

/** The hugetlb controller: Documentation/admin-guide/cgroup-v1/hugetlb.rst */
export const hugetlb: Controller = {
  name: 'hugetlb',
  writes: ({ hugetlbLimit }, view) =>
    (hugetlbLimit ?? []).flatMap(({ pageSize, limit }, index) => {
      const field = `hugetlbLimit[${index}]`;
      const write = { file: `hugetlb.${pageSize}.limit_in_bytes`, value: String(limit), field };
      const reserved = `hugetlb.${pageSize}.rsvd.limit_in_bytes`;
      return view.exists(reserved) ? [write, { ...write, file: reserved }] : [write];
    }),
  stats: (group, into) => {
    const sizes = accountedSizes(group);
    if (sizes.length === 0) return;
    into.hugetlb = Object.fromEntries(sizes.map((size) => [size, statsOf(group, size)]));
  },
};

/** The sizes that the group has a file of. */
function accountedSizes(group: Group): readonly string[] {
  const names = readdirSync(group.path).map(
    (file) => /^hugetlb\.([^.]+)\.(?:usage_in_bytes|max_usage_in_bytes|failcnt|limit_in_bytes)$/.exec(file)?.[1],
  );
  return [...new Set(names.filter((name) => name !== undefined))].toSorted();
}

function statsOf(group: Group, size: string): HugetlbStats {
  return {
    usage: group.value(`hugetlb.${size}.usage_in_bytes`, parseUint),
    maxUsage: group.value(`hugetlb.${size}.max_usage_in_bytes`, parseUint),
    failcnt: group.value(`hugetlb.${size}.failcnt`, parseUint),
  };
}
