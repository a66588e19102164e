import { CgroupError } from '../error.ts';
import type { Write } from '../fs/write.ts';
import type { Resources } from '../resources.ts';

/**
 * The values for files of cgroup v2 by their names, last so that they win. A value with several lines is as many
 * writes: the kernel takes one device at a time.
 *
 * @throws {CgroupError} for a name that is no file of the group.
 */
export function unifiedWrites({ unified }: Resources): readonly Write[] {
  return Object.entries(unified ?? {}).flatMap(([file, value]) => {
    const field = `unified["${file}"]`;
    if (file === '' || file.includes('/') || !file.includes('.'))
      throw new CgroupError('ERR_CGROUP_INVALID', `${JSON.stringify(file)} is no file of a group`, {
        field,
        file,
        hint: 'give the name of a file of cgroup v2 alone, such as memory.high',
      });
    const parts = value.split('\n').filter((line) => line.trim() !== '');
    return (parts.length === 0 ? [''] : parts).map((line) => ({ file, value: line, field }));
  });
}

/** The controllers that the files of `unified` belong to; `cgroup.*` files belong to none. */
export function unifiedControllers({ unified }: Resources): readonly string[] {
  const names = Object.keys(unified ?? {}).map((file) => file.slice(0, Math.max(0, file.indexOf('.'))));
  return [...new Set(names)].filter((name) => name !== 'cgroup' && name !== '');
}
