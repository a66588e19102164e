import type { ProgramBuilder } from '@nsinit/syscall';

/** IFF_UP | IFF_RUNNING of linux/if.h */
const upAndRunning = 0x1 | 0x40;

/** Brings the loopback interface of the process's network namespace up. netdevice(7) */
export function compileLoopback(b: ProgramBuilder, field: string): void {
  b.because({ what: 'bring the loopback interface up', field }, () => {
    const socket = b.call(
      'socket',
      { domain: 'AF_INET', type: ['SOCK_DGRAM', 'SOCK_CLOEXEC'], protocol: 0 },
      { as: 'socket' },
    );
    const request = b.struct('ifreq_flags', { ifr_name: 'lo', ifr_flags: upAndRunning });
    b.call('ioctl', { fd: socket, op: 'SIOCSIFFLAGS', argp: request });
    b.call('close', { fd: socket });
  });
}
