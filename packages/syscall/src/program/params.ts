import { type SyscallName, signatures } from '../abi/signatures.ts';

/** One argument of a system call, its kind taken apart once. */
export interface Param {
  readonly name: string;
  /** As {@link signatures} has it: `flags open`. */
  readonly kind: string;
  /** First word of the kind: `flags`. */
  readonly head: string;
  /** The rest: a table, a structure, or another argument. */
  readonly tail: string;
  /** Index of the argument that this one follows from, -1 for none. */
  readonly of: number;
}

const cache = new Map<SyscallName, readonly Param[]>();

/** The arguments of a system call in order. */
export function paramsOf(name: SyscallName): readonly Param[] {
  let params = cache.get(name);
  if (!params) {
    const entries = Object.entries<string>(signatures[name].args);
    params = entries.map(([param, kind]) => {
      const [head, tail = ''] = kind.split(' ') as [string, string?];
      return { name: param, kind, head, tail, of: entries.findIndex(([other]) => other === tail) };
    });
    cache.set(name, params);
  }
  return params;
}
