/** Which call of x86 another can be made by, and the number that its first argument has then. */
export interface Multiplexed {
  readonly by: 'socketcall' | 'ipc';
  readonly call: number;
}

const socket = [
  ['socket', 1],
  ['bind', 2],
  ['connect', 3],
  ['listen', 4],
  ['accept', 5],
  ['getsockname', 6],
  ['getpeername', 7],
  ['socketpair', 8],
  ['send', 9],
  ['recv', 10],
  ['sendto', 11],
  ['recvfrom', 12],
  ['shutdown', 13],
  ['setsockopt', 14],
  ['getsockopt', 15],
  ['sendmsg', 16],
  ['recvmsg', 17],
  ['accept4', 18],
  ['recvmmsg', 19],
  ['sendmmsg', 20],
] as const;

const ipc = [
  ['semop', 1],
  ['semget', 2],
  ['semctl', 3],
  ['semtimedop', 4],
  ['msgsnd', 11],
  ['msgrcv', 12],
  ['msgget', 13],
  ['msgctl', 14],
  ['shmat', 21],
  ['shmdt', 22],
  ['shmget', 23],
  ['shmctl', 24],
] as const;

/**
 * The calls that a process of x86 makes through socketcall(2) (linux/net.h SYS_*) or ipc(2) (linux/ipc.h, of which the
 * kernel looks at the low 16 bits), whether they have a number of their own or not.
 */
export const multiplexed: ReadonlyMap<string, Multiplexed> = new Map<string, Multiplexed>([
  ...socket.map(([name, call]) => [name, { by: 'socketcall', call }] as const),
  ...ipc.map(([name, call]) => [name, { by: 'ipc', call }] as const),
]);
