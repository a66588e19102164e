import { readdirSync } from 'node:fs';
import { type Controller, orMax } from '../controller.ts';
import { parseFlatKeyed, parseUint } from '../text/parse.ts';

/** The hugetlb controller: Documentation/admin-guide/cgroup-v2.rst. Kernel 5.6 */
export const hugetlb: Controller = {
  name: 'hugetlb',
  writes: ({ hugetlbLimit }, view) =>
    (hugetlbLimit ?? []).flatMap(({ pageSize, limit }, index) => {
      const write = { file: `hugetlb.${pageSize}.max`, value: orMax(limit), field: `hugetlbLimit[${index}]` };
      const reserved = `hugetlb.${pageSize}.rsvd.max`;
      return view.exists(reserved) ? [write, { ...write, file: reserved }] : [write];
    }),
  stats: (group, into) => {
    const sizes = readdirSync(group.path)
      .map((file) => /^hugetlb\.([^.]+)\.current$/.exec(file)?.[1])
      .filter((size) => size !== undefined);
    if (sizes.length === 0) return;
    into.hugetlb = Object.fromEntries(
      sizes.toSorted().map((size) => [
        size,
        {
          usage: group.value(`hugetlb.${size}.current`, parseUint),
          failcnt: group.tryValue(`hugetlb.${size}.events`, parseFlatKeyed)?.['max'] ?? 0n,
        },
      ]),
    );
  },
};
