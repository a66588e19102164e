import { errnoAction } from '../model/action.ts';
import type { Condition, Filter, Rule } from '../model/filter.ts';
import { callsByCapability, ordinaryCalls } from './calls.ts';

const EPERM = 1;
const ENOSYS = 38;
const EAFNOSUPPORT = 97;
const allow = { kind: 'ALLOW' } as const;

/** Flags of clone(2) that make namespaces. linux/sched.h CLONE_NEW* without CLONE_NEWTIME, which clone cannot have. */
const NAMESPACES = 0x7e020000;

/** Personalities that change nothing dangerous: Linux, 32 bits, UNAME26 and the question for the current one. personality(2) */
const PERSONALITIES = [0x0, 0x8, 0x20000, 0x20008, 0xffffffff] as const;

/** ADDR_NO_RANDOMIZE, which debuggers set for what they start. */
const ADDR_NO_RANDOMIZE = 0x40000;

/**
 * Families of sockets that reach beyond the network namespace (AF_VSOCK) or into kernel code that few need and many have
 * attacked (AF_ALG, AF_RDS, AF_TIPC …). linux/socket.h
 */
const FAMILIES = {
  AF_RDS: 21,
  AF_TIPC: 30,
  AF_ALG: 38,
  AF_VSOCK: 40,
  AF_KCM: 41,
  AF_QIPCRTR: 42,
  AF_SMC: 43,
  AF_XDP: 44,
} as const;

/** The low half of an argument: the kernel takes no more of an `int`, whatever lies above. */
function int(index: number, value: number): Condition {
  return { index, op: 'MASKED_EQ', mask: 0xffffffff, value };
}

/** What {@link defaultProfile} is made for. */
export interface DefaultProfileOptions {
  /** Capabilities of the process, as `CAP_SYS_ADMIN`: each allows the calls that it is for. undefined: none. */
  readonly capabilities?: readonly string[];
  /**
   * Whether 32-bit (and x32) programs can run as well. Those that make sockets by socketcall(2), as glibc's for x86 do, get
   * none: no filter can see of which family. undefined: no, their calls kill the process.
   */
  readonly compat?: boolean;
}

/**
 * A filter for programs in general: calls are denied with EPERM but for those that ordinary programs need. New namespaces,
 * mounts, modules, tracing of others, keys, io_uring, userfaultfd and the like need the capability that they are for, or
 * are not there at all. Calls newer than the list get ENOSYS.
 */
export function defaultProfile(options: DefaultProfileOptions = {}): Filter {
  const capabilities = new Set(options.capabilities);
  const isAdmin = capabilities.has('CAP_SYS_ADMIN');
  const byCapability = Object.entries(callsByCapability)
    .filter(([capability]) => capabilities.has(capability))
    .map(([capability, syscalls]): Rule => ({ syscalls, action: allow, field: capability }));
  const rules: Rule[] = [
    { syscalls: ordinaryCalls, action: allow, field: 'ordinary' },
    ...byCapability,
    ...(isAdmin ? [] : cloneRules),
    { syscalls: ['socket'], action: allow, field: 'sockets' },
    {
      syscalls: ['socket'],
      action: errnoAction(EAFNOSUPPORT),
      when: Object.values(FAMILIES).map((family) => [int(0, family)]),
      field: 'socket families',
    },
    {
      syscalls: ['personality'],
      action: allow,
      when: [...PERSONALITIES, ADDR_NO_RANDOMIZE].map((value) => [int(0, value)]),
      field: 'personalities',
    },
    // Programs that find it denied say so loudly; without it they use what was there before.
    {
      syscalls: ['io_uring_setup', 'io_uring_enter', 'io_uring_register'],
      action: errnoAction(ENOSYS),
      field: 'io_uring',
    },
  ];
  return {
    defaultAction: errnoAction(EPERM),
    rules,
    newest: 'fchroot',
    ...(options.compat ? { architectures: ['x86', 'x32', 'arm'] as const } : {}),
  };
}

const cloneRules: readonly Rule[] = [
  {
    syscalls: ['clone'],
    action: allow,
    when: [[{ index: 0, op: 'MASKED_EQ', mask: NAMESPACES, value: 0 }]],
    field: 'processes without namespaces',
  },
  // Its flags are in memory, where no filter sees them; C libraries take clone when there is no clone3.
  { syscalls: ['clone3'], action: errnoAction(ENOSYS), field: 'clone3' },
];
