import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { encodeBpf } from './bpf/instruction.ts';
import { compileFilter } from './compile/compile.ts';

/** Starts a child with a filter, and tells of what the kernel asks its tracer. ptrace(2) */
const tracer = `
import ctypes, os, signal, sys
libc = ctypes.CDLL(None, use_errno=True)
libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
libc.ptrace.restype = ctypes.c_long
class Program(ctypes.Structure):
    _fields_ = [('len', ctypes.c_ushort), ('filter', ctypes.c_void_p)]
code = ctypes.create_string_buffer(bytes.fromhex(sys.argv[1]))
program = Program(len(sys.argv[1]) // 16, ctypes.addressof(code))
user = os.getuid()
child = os.fork()
if child == 0:
    libc.ptrace(0, 0, None, None)
    os.kill(os.getpid(), signal.SIGSTOP)
    libc.prctl(38, 1, 0, 0, 0)
    if libc.prctl(22, 2, ctypes.byref(program)) != 0:
        os._exit(2)
    os._exit(0 if os.getuid() == user else 1)
os.waitpid(child, 0)
libc.ptrace(0x4200, child, None, ctypes.c_void_p(0x80))
while True:
    libc.ptrace(7, child, None, None)
    _, status = os.waitpid(child, 0)
    if os.WIFEXITED(status):
        print('exit', os.WEXITSTATUS(status))
        break
    if status >> 8 == signal.SIGTRAP | 7 << 8:
        message = ctypes.c_ulong()
        libc.ptrace(0x4201, child, None, ctypes.byref(message))
        print('asked', message.value)
`;

test('TRACE asks a tracer, with its message, and the call is made when that says so', () => {
  const program = compileFilter({
    defaultAction: { kind: 'ALLOW' },
    rules: [{ syscalls: ['getuid'], action: { kind: 'TRACE', message: 4711 } }],
  });
  const code = Buffer.from(encodeBpf(program)).toString('hex');
  const output = execFileSync('/usr/bin/python3', ['-c', tracer, code], { encoding: 'utf8' });
  expect(output).toBe('asked 4711\nexit 0\n');
});
