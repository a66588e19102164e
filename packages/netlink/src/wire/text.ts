import { NetlinkInputError } from '../errors.ts';
import type { Codec } from './codec.ts';

const utf8 = new TextEncoder();
const decoder = new TextDecoder();

/** Text that ends with a NUL byte. The kernel leaves the NUL out here and there: both are read. */
export const text: Codec<string> = {
  shape: { kind: 'text' },
  write(out, value) {
    if (value.includes('\0')) throw new NetlinkInputError('', `${JSON.stringify(value)} holds a NUL byte`);
    out.append(utf8.encode(value));
    out.reserve(1);
  },
  read(bytes, at, end) {
    const window = bytes.window(at, end);
    const nul = window.indexOf(0);
    return decoder.decode(nul < 0 ? window : window.subarray(0, nul));
  },
};

/** Bytes as they are. */
export const raw: Codec<Uint8Array> = {
  shape: { kind: 'bytes' },
  write: (out, value) => out.append(value),
  read: (bytes, at, end) => bytes.copy(at, end),
};
