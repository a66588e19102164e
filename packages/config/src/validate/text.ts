import { itemPath, memberPath } from '../codec/path.ts';
import type { JsonValue } from '../json/stringify.ts';
import type { Checker } from './checker.ts';

/** No text has a NUL byte, which would end it early in the kernel, and no number has lost digits. */
export function checkValues(value: JsonValue | undefined, path: string, checker: Checker): void {
  if (typeof value === 'string' && value.includes('\0')) checker.add(path, 'the text contains a NUL byte');
  if (typeof value === 'number' && !Number.isSafeInteger(value)) {
    checker.add(path, `${value} is not an exact integer: use a bigint beyond 2^53`);
  }
  if (typeof value !== 'object' || value === null) return;
  if (Array.isArray(value)) {
    value.forEach((item: JsonValue, index) => {
      checkValues(item, itemPath(path, index), checker);
    });
    return;
  }
  for (const [key, item] of Object.entries(value)) {
    if (key.includes('\0')) checker.add(memberPath(path, key), 'the key contains a NUL byte');
    checkValues(item, memberPath(path, key), checker);
  }
}
