import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const range = (count: number) => Array.from({ length: count }, (_, index) => `c${index}`);

/** Initial labels of Linux 6.1 that have a name in the kernel, in its order. security/selinux/include/initial_sid_to_string.h */
const initialLabels =
  'kernel security unlabeled fs file file_labels init any_socket port netif netmsg node igmp_packet icmp_socket tcp_socket sysctl_modprobe sysctl sysctl_fs sysctl_kernel sysctl_net sysctl_net_unix sysctl_vm sysctl_dev kmod policy scmp_packet devnull'.split(
    ' ',
  );
const types = ['kernel_t', 'container_t', 'container_file_t', 'file_t', 'secret_t'];
const process =
  'fork transition sigchld sigkill sigstop signull signal ptrace getsched setsched getsession getpgid setpgid getcap setcap share getattr setexec setfscreate noatsecure siginh setrlimit rlimitinh dyntransition setcurrent execmem execstack execheap setkeycreate setsockcreate getrlimit';
const file = 'entrypoint execute_no_trans read write open';

/**
 * A policy with the levels and types of containers, in which everything is allowed, but for one thing: what runs as
 * `container_t` does not read, write or open files of `secret_t`.
 */
const policy = [
  '(handleunknown allow) (mls true) (policycap open_perms) (policycap nnp_nosuid_transition)',
  `(class process2 (nnp_transition nosuid_transition)) (class process (${process})) (class file (${file}))`,
  // Without a class for directories and links the kernel lets none of them be relabelled (EINVAL).
  '(class dir (rmdir)) (class lnk_file (rename))',
  '(classorder (process file dir lnk_file process2)) (sensitivity s0) (sensitivityorder (s0))',
  ...range(1024).map((category) => `(category ${category})`),
  `(categoryorder (${range(1024).join(' ')})) (sensitivitycategory s0 (range c0 c1023))`,
  '(user system_u) (role system_r) (role object_r) (userrole system_u system_r) (userrole system_u object_r)',
  ...types.map((type) => `(type ${type}) (roletype system_r ${type}) (roletype object_r ${type})`),
  `(typeattribute anything) (typeattributeset anything (${types.join(' ')}))`,
  `(typeattribute public) (typeattributeset public (${types.slice(0, 4).join(' ')}))`,
  '(level low (s0)) (level high (s0 (range c0 c1023))) (levelrange full (low high))',
  '(userlevel system_u low) (userrange system_u full)',
  '(context kctx (system_u system_r kernel_t (low high))) (context fctx (system_u object_r file_t (low low)))',
  ...initialLabels.map(
    (name) => `(sid ${name}) (sidcontext ${name} ${/^(unl|fs|file|devnull)/.test(name) ? 'fctx' : 'kctx'})`,
  ),
  `(sidorder (${initialLabels.join(' ')}))`,
  ...['ext4', 'overlay'].map((type) => `(fsuse xattr ${type} fctx)`),
  ...['tmpfs', 'devtmpfs', 'ramfs', 'mqueue', 'devpts'].map((type) => `(fsuse trans ${type} fctx)`),
  ...['proc', 'sysfs', 'cgroup', 'cgroup2', '9p', 'rootfs', 'selinuxfs', 'securityfs', 'nsfs'].map(
    (type) => `(genfscon ${type} "/" fctx)`,
  ),
  '(fsuse task pipefs kctx) (fsuse task sockfs kctx)',
  `(allow anything anything (process (${process})))`,
  '(allow anything anything (process2 (nnp_transition nosuid_transition)))',
  '(allow anything anything (dir (rmdir))) (allow anything anything (lnk_file (rename)))',
  `(allow anything public (file (${file})))`,
  `(allow kernel_t secret_t (file (${file})))`,
  '',
].join('\n');

/** Mounts selinuxfs where nobody has done so, and gives how to take it away again. */
export function mountSelinuxfs(): (() => void) | undefined {
  const target = '/sys/fs/selinux';
  if (readFileSync('/proc/self/mountinfo', 'utf8').includes(` ${target} `)) return undefined;
  execFileSync('mount', ['-t', 'selinuxfs', 'none', target]);
  return () => {
    execFileSync('umount', [target]);
  };
}

/** Compiles the policy, and gives it to a kernel that uses SELinux and has none yet. secilc(8) */
export function loadTestPolicy(dir: string): void {
  const source = join(dir, 'policy.cil');
  const binary = join(dir, 'policy');
  writeFileSync(source, policy);
  execFileSync('secilc', ['-o', binary, '-f', join(dir, 'file_contexts'), '-c', '33', source]);
  writeFileSync('/sys/fs/selinux/load', readFileSync(binary));
}
