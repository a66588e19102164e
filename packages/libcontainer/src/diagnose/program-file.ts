import { maskNames } from '@nsinit/capabilities';
import { type ErrnoName, errnos, Fd, type FdNumber, fdAt, hostArch, libcFunction, tryInvoke } from '@nsinit/syscall';
import type { BinaryFormat } from './binfmt.ts';
import { ElfError, isElf, parseElf } from './elf.ts';
import { fileKind } from './file-kind.ts';
import { hostMachineName, isForHost, isNative, machineName } from './machine.ts';
import { describeRefusal, mayExecute, remedyFor } from './permission.ts';
import { headSize, parseScriptLine } from './script.ts';
import type { Subject } from './subject.ts';
import type { View } from './view.ts';
import { missingText, type Walk, walk } from './walk.ts';
import { describeWay, type WayFault } from './way.ts';

/** What stands in the way of a program file. */
export interface Obstacle {
  /** What execve(2) reports for it. */
  readonly errno: ErrnoName;
  readonly cause: string;
  /** The file or directory at fault. */
  readonly path: string;
  readonly hint?: string | undefined;
  /** Whether the command itself is not there, rather than something that it needs. */
  readonly absent?: boolean;
}

/** What {@link findObstacle} looks at. */
export interface Inspection {
  readonly view: View;
  readonly subject: Subject;
  /** Where relative paths begin. */
  readonly cwd: string;
  /** The formats that the host runs by an interpreter. */
  readonly formats: readonly BinaryFormat[];
}

type Role = 'command' | 'interpreter' | 'loader' | 'emulator';

/** How often an interpreter may itself be a script. fs/exec.c */
const maxScripts = 5;

/**
 * The first thing that keeps the kernel from executing a file, in the order in which the kernel looks: the way to it, its
 * type, its permission bits, its mount, its format, and then its interpreter in the same way.
 *
 * @returns undefined when nothing can be seen in its way
 */
export function findObstacle(at: Inspection, path: string, role: Role = 'command', depth = 0): Obstacle | undefined {
  const end = walk(at.view, path, { subject: at.subject, cwd: at.cwd });
  if (end.outcome !== 'found') return obstacleOnTheWay(path, end, role, at.subject);
  using file = end.fd;
  const { stat, mount } = end;
  if (stat.type === 'directory')
    return { errno: role === 'loader' ? 'EISDIR' : 'EACCES', cause: 'it is a directory', path };
  if (stat.type !== 'file') return { errno: 'EACCES', cause: `it is no program but a ${stat.type} file`, path };
  if (!mayExecute(at.subject, stat))
    return {
      errno: 'EACCES',
      cause: describeRefusal(at.subject, stat),
      path: end.path,
      hint: remedyFor(end.path, at.subject, stat),
    };
  if (mount?.mountOptions.includes('noexec'))
    return {
      errno: 'EACCES',
      cause: `it lies on the mount ${mount.mountPoint} (${mount.fsType}), which has the option noexec`,
      path: end.path,
      hint: `leave out noexec (MS_NOEXEC, 8) in the flags of the mount ${mount.mountPoint}, or put the program elsewhere`,
    };
  return formatObstacle(at, file, path, role, depth) ?? capabilityObstacle(file, path, at.subject);
}

const wayErrnos: Readonly<Record<WayFault['outcome'], ErrnoName>> = {
  missing: 'ENOENT',
  'not-directory': 'ENOTDIR',
  denied: 'EACCES',
  symlink: 'ELOOP',
  loop: 'ELOOP',
  'too-long': 'ENAMETOOLONG',
};

function obstacleOnTheWay(path: string, end: Walk, role: Role, subject: Subject): Obstacle | undefined {
  const fault = describeWay(path, end, subject);
  if (!fault) return undefined;
  const errno = wayErrnos[fault.outcome];
  // That an interpreter is missing says all; of a command it matters which part of its path is.
  if (role !== 'command' && end.outcome === 'missing' && end.hops.length === 0) return { errno, cause: '', path };
  const cause = end.outcome === 'missing' ? missingText(path, end) : fault.cause;
  const absent = role === 'command' && (end.outcome === 'missing' || end.outcome === 'not-directory');
  return { errno, cause, path: fault.path, hint: fault.hint, absent };
}

function formatObstacle(at: Inspection, file: FdNumber, path: string, role: Role, depth: number): Obstacle | undefined {
  const opened = tryInvoke('openat', {
    dirfd: fdAt(-100),
    pathname: `/proc/self/fd/${file.fd}`,
    flags: ['O_RDONLY', 'O_NONBLOCK', 'O_CLOEXEC'],
  });
  if (opened < 0) return undefined;
  using readable = new Fd(opened);
  const read = (offset: number, length: number) => readAt(readable, offset, length);
  const head = read(0, headSize);
  const format = at.formats.find(({ matches }) => matches(head));
  if (format) return emulatorObstacle(at, format, path, depth);
  const script = parseScriptLine(head);
  if (script && role !== 'loader') return scriptObstacle(at, script.interpreter, path, depth);
  if (!isElf(head)) {
    const { what, hint } = fileKind(head);
    return { errno: role === 'loader' ? 'ELIBBAD' : 'ENOEXEC', cause: what, path, hint };
  }
  return elfObstacle(at, read, path, role, depth);
}

function scriptObstacle(at: Inspection, interpreter: string, path: string, depth: number): Obstacle | undefined {
  if (depth >= maxScripts)
    return { errno: 'ELOOP', cause: `interpreters of interpreters, more than ${maxScripts}`, path };
  const found = findObstacle(at, interpreter, 'interpreter', depth + 1);
  if (!found) return undefined;
  const unix = interpreter.replace(/\r$/, '');
  if (unix !== interpreter && found.errno === 'ENOENT')
    return {
      errno: 'ENOENT',
      cause: `its #! line names ${unix} with a carriage return at its end, as Windows ends lines`,
      path: interpreter,
      hint: `convert the line ends: dos2unix ${path}`,
    };
  return viaObstacle(found, 'interpreter', interpreter);
}

function elfObstacle(
  at: Inspection,
  read: (offset: number, length: number) => Uint8Array,
  path: string,
  role: Role,
  depth: number,
): Obstacle | undefined {
  const arch = hostArch();
  const errno = role === 'loader' ? 'ELIBBAD' : 'ENOEXEC';
  try {
    const elf = parseElf(read);
    if (!isForHost(elf, arch)) {
      const name = machineName(elf);
      return {
        errno,
        cause: `it is a program for ${name}, and this host is ${hostMachineName(arch)}`,
        path,
        hint: `use a root file system for ${hostMachineName(arch)}, or let the host run ${name} programs by an emulator (binfmt_misc with the flag F, as Debian's qemu-user-static registers it)`,
      };
    }
    if (elf.type !== 2 && elf.type !== 3)
      return {
        errno,
        cause: `it is ${elf.type === 1 ? 'an object file: link it' : 'no ELF program but another ELF file'}`,
        path,
      };
    const missing = elf.interpreter === undefined ? undefined : findObstacle(at, elf.interpreter, 'loader', depth);
    if (missing && elf.interpreter !== undefined) return viaObstacle(missing, 'loader', elf.interpreter);
    if (isNative(elf, arch)) return undefined;
    return { errno, cause: `it is a program for ${machineName(elf)}, which this kernel is not built to run`, path };
  } catch (error) {
    if (error instanceof ElfError) return { errno, cause: `it is a damaged ELF file: ${error.message}`, path };
    throw error;
  }
}

function emulatorObstacle(
  at: Inspection,
  { name, interpreter, flags }: BinaryFormat,
  path: string,
  depth: number,
): Obstacle | undefined {
  if (flags.includes('F') || depth >= maxScripts) return undefined;
  const found = findObstacle(at, interpreter, 'emulator', depth + 1);
  return (
    found && {
      ...viaObstacle(found, 'emulator', interpreter),
      hint: `register ${name} in binfmt_misc with the flag F, so that the host's ${interpreter} is used, or copy it into the root file system; ${path} needs it`,
    }
  );
}

const roleHints: Readonly<Record<Exclude<Role, 'command'>, string>> = {
  interpreter: 'install the interpreter in the root file system, or correct the #! line',
  loader: 'install the C library that the program was built for (glibc or musl), or use a static program',
  emulator: '',
};

/** An obstacle of what a file needs, told as one of the file. */
function viaObstacle(found: Obstacle, role: Exclude<Role, 'command'>, needed: string): Obstacle {
  const about = role === 'loader' ? 'ELF interpreter' : role;
  const cause =
    found.errno === 'ENOENT' && found.cause === ''
      ? 'does not exist'
      : `cannot be used: ${found.cause || 'no such file'}`;
  return { ...found, absent: false, cause: `its ${about} ${needed} ${cause}`, hint: found.hint ?? roleHints[role] };
}

/** Flag of the first word of security.capability: the file's permitted set becomes effective at once. */
const effectiveFlag = 1;

/** A program whose file capabilities are not to be had is refused, since it would not know. capabilities(7) */
function capabilityObstacle(file: FdNumber, path: string, subject: Subject): Obstacle | undefined {
  const value = new Uint8Array(24);
  const size = Number(
    libcFunction('int64_t getxattr(const char *path, const char *name, void *value, size_t size)')(
      `/proc/self/fd/${file.fd}`,
      'security.capability',
      value,
      value.length,
    ),
  );
  if (size < 20) return undefined;
  const view = new DataView(value.buffer);
  if ((view.getUint32(0, true) & effectiveFlag) === 0) return undefined;
  const mask = (at: number) => BigInt(view.getUint32(at, true)) | (BigInt(view.getUint32(at + 8, true)) << 32n);
  const lacking = mask(4) & ~subject.bounding & ~(mask(8) & subject.inheritable);
  if (lacking === 0n) return undefined;
  const names = maskNames(lacking).join(', ');
  return {
    errno: 'EPERM',
    cause: `its file capabilities need ${names}, which the bounding set of the process does not have`,
    path,
    hint: `add ${names} to the capabilities, or take them from the file: setcap -r ${path}`,
  };
}

function readAt(fd: FdNumber, offset: number, length: number): Uint8Array {
  const buf = new Uint8Array(Math.min(length, 1 << 20));
  let done = 0;
  while (done < buf.length) {
    const count = tryInvoke('pread64', { fd, buf: buf.subarray(done), offset: offset + done });
    if (count === -errnos.EINTR) continue;
    if (count <= 0) break;
    done += count;
  }
  return buf.subarray(0, done);
}
