import type { ConstantName, ConstantTable, Flags } from '../abi/constants.ts';
import type { SyscallName, signatures } from '../abi/signatures.ts';
import type { StructInput, StructName } from '../abi/structs.ts';
import type { Buf, FdArg, IntArg, PidArg } from './values.ts';

type Params<N extends SyscallName> = (typeof signatures)[N]['args'];

/** Arguments that follow from others and are never given. */
type Derived = `sizeof ${string}` | `lengthof ${string}` | `countof ${string}` | 'zero';

type Optional = 'int=' | 'mode=';

type ArgOf<P, M> = P extends 'fd'
  ? FdArg
  : P extends 'pid'
    ? PidArg
    : P extends 'int' | 'int=' | 'mode' | 'mode='
      ? IntArg
      : P extends `flags ${infer T extends ConstantTable}`
        ? Flags<T>
        : P extends `enum ${infer T extends ConstantTable}`
          ? ConstantName<T>
          : P extends 'path'
            ? string
            : P extends 'path?'
              ? string | null
              : P extends `struct ${infer S extends StructName}`
                ? StructInput<S, Buf> | M
                : P extends `struct? ${infer S extends StructName}`
                  ? StructInput<S, Buf> | M | null
                  : P extends 'buf'
                    ? M
                    : P extends 'buf?'
                      ? M | null
                      : P extends 'buf|int'
                        ? M | IntArg | null
                        : P extends 'strv'
                          ? readonly string[]
                          : P extends 'gids'
                            ? readonly number[]
                            : never;

/**
 * The arguments of one system call by the man page's names. `M` is what memory is: a {@link Buf} of the program's data
 * in a program, a Uint8Array in an immediate call. A descriptor where a number belongs, a flag of another call, or a
 * missing argument does not compile.
 */
export type SyscallArgs<N extends SyscallName, M = Buf> = {
  readonly [K in keyof Params<N> as Params<N>[K] extends Derived | Optional ? never : K]: ArgOf<Params<N>[K], M>;
} & {
  readonly [K in keyof Params<N> as Params<N>[K] extends Optional ? K : never]?: ArgOf<Params<N>[K], M>;
};

/** What the result of one system call is. */
export type ResultOf<N extends SyscallName> = (typeof signatures)[N]['returns'];
