import { addressOf, duplicate, type Fd, type FdNumber, libcFunction, SyscallError } from '@nsinit/syscall';

/** glibc needs 80 and musl 80 bytes for the actions, 336 each for the attributes; the rest is for the future. */
const opaqueSize = 1024;

/** POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK */
const spawnFlags = 0x04 | 0x08;

interface Spawner {
  readonly spawn: (
    pid: Buffer,
    path: string,
    actions: Buffer,
    attributes: Buffer,
    argv: Buffer,
    envp: Buffer,
  ) => number;
  readonly init: (actions: Buffer) => number;
  readonly destroy: (actions: Buffer) => number;
  readonly addDup2: (actions: Buffer, from: number, to: number) => number;
  readonly attributes: Buffer;
}

let spawner: Spawner | undefined;

function load(): Spawner {
  if (spawner) return spawner;
  const attributes = Buffer.alloc(opaqueSize);
  libcFunction('int posix_spawnattr_init(void *attr)')(attributes);
  libcFunction('int posix_spawnattr_setflags(void *attr, short flags)')(attributes, spawnFlags);
  libcFunction('int posix_spawnattr_setsigmask(void *attr, void *set)')(attributes, Buffer.alloc(128));
  // Node ignores SIGPIPE, and a process inherits what is ignored: containers start with every signal at its default.
  // Of all 1024 bits: sigfillset(3) leaves out the two signals that libc uses itself, and posix_spawn(3) ignores those.
  libcFunction('int posix_spawnattr_setsigdefault(void *attr, void *set)')(attributes, Buffer.alloc(128, 0xff));
  spawner = {
    spawn: libcFunction(
      'int posix_spawn(void *pid, const char *path, void *actions, void *attributes, void *argv, void *envp)',
    ) as Spawner['spawn'],
    init: libcFunction('int posix_spawn_file_actions_init(void *actions)') as Spawner['init'],
    destroy: libcFunction('int posix_spawn_file_actions_destroy(void *actions)') as Spawner['destroy'],
    addDup2: libcFunction(
      'int posix_spawn_file_actions_adddup2(void *actions, int from, int to)',
    ) as Spawner['addDup2'],
    attributes,
  };
  return spawner;
}

/**
 * Starts an executable, by its path or from an open file, with exactly the given descriptors: `descriptors[n]` becomes n. Without copying this process's
 * memory; with no environment, no blocked and no ignored signals.
 *
 * @returns the process id; the caller reaps it.
 * @throws {SyscallError} as posix_spawn(3) reports it.
 */
export function spawn(executable: Fd | string, argv: readonly string[], descriptors: readonly FdNumber[]): number {
  const native = load();
  const actions = Buffer.alloc(opaqueSize);
  native.init(actions);
  // A source that lies among the targets would be overwritten before its turn: such sources move up first.
  const moved: Fd[] = [];
  try {
    for (const [target, source] of descriptors.entries()) {
      let from = source.fd;
      if (from < descriptors.length && from !== target) {
        from = copyAbove(source, descriptors.length, moved).fd;
      }
      native.addDup2(actions, from, target);
    }
    let path = executable;
    if (typeof path !== 'string') {
      const image = path.fd < descriptors.length ? copyAbove(path, descriptors.length, moved) : path;
      path = `/proc/self/fd/${image.fd}`;
    }
    const vector = argumentVector(argv);
    const pid = Buffer.alloc(4);
    const result = native.spawn(pid, path, actions, native.attributes, vector, Buffer.alloc(8));
    if (result !== 0) throw new SyscallError('posix_spawn', result, [JSON.stringify(path), JSON.stringify(argv)]);
    return pid.readInt32LE();
  } finally {
    for (const fd of moved) fd.close();
    native.destroy(actions);
  }
}

function copyAbove(source: FdNumber, first: number, moved: Fd[]): Fd {
  const copy = duplicate(source, first);
  moved.push(copy);
  return copy;
}

/** Pointers and strings in one piece of memory, which the call itself keeps alive. */
function argumentVector(argv: readonly string[]): Buffer {
  const strings = argv.map((arg) => Buffer.from(`${arg}\0`));
  const table = (strings.length + 1) * 8;
  const vector = Buffer.alloc(table + strings.reduce((sum, string) => sum + string.length, 0));
  const base = addressOf(vector);
  let at = table;
  for (const [index, string] of strings.entries()) {
    string.copy(vector, at);
    vector.writeBigUInt64LE(base + BigInt(at), index * 8);
    at += string.length;
  }
  return vector;
}
