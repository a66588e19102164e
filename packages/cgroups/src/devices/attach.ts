import { addressOf, type ConstantName, constant, Fd, type FdNumber, invoke, SyscallError } from '@nsinit/syscall';
import { CgroupError } from '../error.ts';
import { openDirectory } from '../fs/directory.ts';
import { encodeBpf } from './instruction.ts';
import type { DevicePolicy } from './policy.ts';
import { deviceProgram } from './program.ts';

/** By this name an attached program is known as ours; the kernel keeps 15 characters. */
const programName = 'nsinit_devices';

/**
 * Makes a policy the rule for the processes of a cgroup v2 group: its program takes the place of the one attached
 * before in one step. Programs of others (systemd has one of its own for a unit) stay: all must allow.
 *
 * bpf(2), BPF_PROG_TYPE_CGROUP_DEVICE: kernel 4.15, replacing: 5.6
 *
 * @throws {CgroupError} when the kernel refuses.
 */
export function attachDevicePolicy(path: string, policy: DevicePolicy, field: string): void {
  try {
    using directory = openDirectory(path);
    using program = loadProgram(policy);
    const attached = ownPrograms(directory);
    try {
      const [first] = attached;
      attach(directory, program, first);
      // More than one is left only by a process that was killed between attaching and detaching.
      for (const stale of attached.slice(1)) detach(directory, stale);
    } finally {
      for (const fd of attached) fd.close();
    }
  } catch (error) {
    throw attachError(error, path, field);
  }
}

/** Names of the device programs that are attached to a group itself, in order. */
export function attachedDevicePrograms(path: string): readonly string[] {
  using directory = openDirectory(path);
  return programIds(directory).map((id) => {
    using program = byId(id);
    return nameOf(program);
  });
}

function attachError(error: unknown, path: string, field: string): unknown {
  if (!(error instanceof SyscallError)) return error;
  const hint =
    error.code === 'EPERM'
      ? 'attaching a device program needs CAP_BPF and CAP_SYS_ADMIN (or CAP_NET_ADMIN): run as root, or let systemd do it'
      : 'the kernel needs CONFIG_CGROUP_BPF';
  const what = `attach a device program to ${path}: ${error.code}`;
  return new CgroupError('ERR_CGROUP_IO', what, { path, errno: error.code, field, hint, cause: error });
}

function bpf(cmd: ConstantName<'bpf_cmd'>, attr: Uint8Array): number {
  return invoke('bpf', { cmd, attr });
}

/** union bpf_attr with 32-bit words at offsets. */
function attributes(
  words: Readonly<Record<number, number>>,
  pointers: Readonly<Record<number, Uint8Array>> = {},
): Uint8Array {
  const bytes = new Uint8Array(128);
  const view = new DataView(bytes.buffer);
  for (const [at, value] of Object.entries(words)) view.setUint32(Number(at), value, true);
  for (const [at, target] of Object.entries(pointers)) view.setBigUint64(Number(at), addressOf(target), true);
  return bytes;
}

function loadProgram(policy: DevicePolicy): Fd {
  const instructions = encodeBpf(deviceProgram(policy));
  const license = Buffer.from('Apache-2.0\0');
  // prog_type, insn_cnt, insns, license, log_level … prog_name at 48
  const attr = attributes(
    { 0: constant('bpf_prog_type', 'BPF_PROG_TYPE_CGROUP_DEVICE'), 4: instructions.length / 8 },
    { 8: instructions, 16: license },
  );
  attr.set(Buffer.from(programName), 48);
  return new Fd(bpf('BPF_PROG_LOAD', attr));
}

const attachType = () => constant('bpf_attach_type', 'BPF_CGROUP_DEVICE');

function attach(directory: FdNumber, program: FdNumber, replaced: FdNumber | undefined): void {
  const allowMulti = constant('bpf_attach', 'BPF_F_ALLOW_MULTI');
  const replace = constant('bpf_attach', 'BPF_F_REPLACE');
  // target_fd, attach_bpf_fd, attach_type, attach_flags, replace_bpf_fd
  const words = { 0: directory.fd, 4: program.fd, 8: attachType() };
  bpf(
    'BPF_PROG_ATTACH',
    attributes(replaced ? { ...words, 12: allowMulti | replace, 16: replaced.fd } : { ...words, 12: allowMulti }),
  );
}

function detach(directory: FdNumber, program: FdNumber): void {
  bpf('BPF_PROG_DETACH', attributes({ 0: directory.fd, 4: program.fd, 8: attachType() }));
}

function ownPrograms(directory: FdNumber): readonly Fd[] {
  return programIds(directory)
    .map(byId)
    .filter((program) => {
      if (nameOf(program) === programName) return true;
      program.close();
      return false;
    });
}

function programIds(directory: FdNumber): readonly number[] {
  // The kernel lets no more than 64 be attached: BPF_CGROUP_MAX_PROGS
  const ids = new Uint8Array(64 * 4);
  // query.target_fd, attach_type, query_flags, attach_flags, prog_ids, prog_cnt
  const attr = attributes({ 0: directory.fd, 4: attachType(), 24: 64 }, { 16: ids });
  bpf('BPF_PROG_QUERY', attr);
  const count = new DataView(attr.buffer).getUint32(24, true);
  const view = new DataView(ids.buffer);
  return Array.from({ length: count }, (_, index) => view.getUint32(index * 4, true));
}

function byId(id: number): Fd {
  return new Fd(bpf('BPF_PROG_GET_FD_BY_ID', attributes({ 0: id })));
}

function nameOf(program: FdNumber): string {
  // struct bpf_prog_info: name is 16 bytes at 64
  const info = new Uint8Array(208);
  bpf('BPF_OBJ_GET_INFO_BY_FD', attributes({ 0: program.fd, 4: info.length }, { 8: info }));
  const name = info.subarray(64, 80);
  return Buffer.from(name.subarray(0, name.indexOf(0))).toString();
}
