import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { AUDIT_ARCH, X32_BIT } from './architecture.ts';
import { BPF, DATA_SIZE, MAX_INSTRUCTIONS } from './bpf/instruction.ts';
import { encodeAction } from './model/action.ts';
import { FILTER_FLAGS } from './model/filter.ts';
import { FLAG_CONTINUE, NOTIFY_IOCTLS, NOTIFY_SIZES } from './notify/abi.ts';
import { syscallsOf } from './syscalls/lookup.ts';
import { multiplexed } from './syscalls/multiplexed.ts';

const headers = ['linux/seccomp.h', 'linux/audit.h', 'linux/filter.h', 'linux/net.h', 'sys/ioctl.h', 'stddef.h'];

/** What the compiler says against the assertions: nothing, when all hold. */
function complaints(lines: readonly string[], more: readonly string[] = []): string {
  const source = [...[...headers, ...more].map((header) => `#include <${header}>`), ...lines, ''].join('\n');
  const result = spawnSync('cc', ['-std=gnu11', '-fsyntax-only', '-x', 'c', '-'], { input: source, encoding: 'utf8' });
  if (result.error) throw result.error;
  return result.stderr;
}

const same = (c: string, value: number) => `_Static_assert((unsigned)(${c}) == ${value}u, "${c} is not ${value}");`;
/** Of a name that older headers lack. */
const sameIfThere = (c: string, value: number) => `#ifdef ${c}\n${same(c, value)}\n#endif`;

describe('numbers are those of the kernel headers', () => {
  test('actions and flags', () => {
    const plain = ['KILL_PROCESS', 'KILL_THREAD', 'TRAP', 'LOG', 'ALLOW'] as const;
    const lines = plain.map((kind) => same(`SECCOMP_RET_${kind}`, encodeAction({ kind })));
    lines.push(same('SECCOMP_RET_USER_NOTIF', encodeAction({ kind: 'NOTIFY' })));
    lines.push(same('SECCOMP_RET_ERRNO | 5', encodeAction({ kind: 'ERRNO', errno: 5 })));
    lines.push(same('SECCOMP_RET_TRACE | 5', encodeAction({ kind: 'TRACE', message: 5 })));
    for (const [name, value] of Object.entries(FILTER_FLAGS))
      lines.push(sameIfThere(`SECCOMP_FILTER_FLAG_${name}`, value));
    expect(complaints(lines)).toBe('');
  });

  test('notifications', () => {
    const lines = Object.entries(NOTIFY_IOCTLS).map(([name, value]) => same(name, value));
    for (const [name, value] of Object.entries(NOTIFY_SIZES)) lines.push(same(`sizeof(struct ${name})`, value));
    lines.push(same('SECCOMP_USER_NOTIF_FLAG_CONTINUE', FLAG_CONTINUE));
    lines.push(same('offsetof(struct seccomp_notif, data)', 16), same('offsetof(struct seccomp_data, args)', 16));
    expect(complaints(lines)).toBe('');
  });

  test('architectures, BPF and socketcall', () => {
    const lines = [
      same('AUDIT_ARCH_X86_64', AUDIT_ARCH.x86_64),
      same('AUDIT_ARCH_I386', AUDIT_ARCH.x86),
      same('AUDIT_ARCH_AARCH64', AUDIT_ARCH.arm64),
      same('AUDIT_ARCH_ARM', AUDIT_ARCH.arm),
      same('BPF_LD | BPF_W | BPF_ABS', BPF.load),
      same('BPF_ALU | BPF_AND | BPF_K', BPF.and),
      same('BPF_JMP | BPF_JA', BPF.jump),
      same('BPF_JMP | BPF_JEQ | BPF_K', BPF.jumpEqual),
      same('BPF_JMP | BPF_JGT | BPF_K', BPF.jumpGreater),
      same('BPF_JMP | BPF_JGE | BPF_K', BPF.jumpGreaterEqual),
      same('BPF_JMP | BPF_JSET | BPF_K', BPF.jumpSet),
      same('BPF_RET | BPF_K', BPF.return),
      same('BPF_MAXINSNS', MAX_INSTRUCTIONS),
      same('sizeof(struct seccomp_data)', DATA_SIZE),
    ];
    for (const [name, { by, call }] of multiplexed)
      if (by === 'socketcall') lines.push(same(`SYS_${name.toUpperCase()}`, call));
    expect(complaints(lines)).toBe('');
  });

  test('calls by ipc(2)', () => {
    const lines = [...multiplexed].flatMap(([name, { by, call }]) =>
      by === 'ipc' ? [same(name.toUpperCase(), call)] : [],
    );
    expect(complaints(lines, ['linux/ipc.h'])).toBe('');
  });

  test.skipIf(process.arch !== 'x64').each([
    ['x86_64', 'asm/unistd_64.h', ''],
    ['x86', 'asm/unistd_32.h', ''],
    ['x32', 'asm/unistd_x32.h', ` - ${X32_BIT}`],
  ] as const)('system calls of %s', (architecture, header, bit) => {
    const lines = [...syscallsOf(architecture)].map(([name, number]) => {
      const assertion = `_Static_assert((__NR_${name}${bit}) == ${number}, "${name}");`;
      return `#ifdef __NR_${name}\n${assertion}\n#endif`;
    });
    expect(lines.length).toBeGreaterThan(350);
    const undefine = architecture === 'x86_64' ? [] : ['#define __X32_SYSCALL_BIT 0x40000000'];
    const source = [...undefine, `#include <${header}>`, ...lines, ''].join('\n');
    const result = spawnSync('cc', ['-std=gnu11', '-fsyntax-only', '-x', 'c', '-'], {
      input: source,
      encoding: 'utf8',
    });
    expect(result.stderr).toBe('');
  });
});
