interface Hint {
  /** Which files, by the end of their name. */
  readonly file: RegExp;
  readonly errno: readonly string[];
  readonly hint: string;
}

const anyFile = /^/;

/** The common causes, the special ones first. cgroups(7), Documentation/admin-guide/cgroup-v1 and cgroup-v2.rst */
const hints: readonly Hint[] = [
  {
    file: /^cpu\.(cfs_quota_us|max)$/,
    errno: ['EINVAL'],
    hint: 'the quota must be at least 1000 us, the period 1000 to 1000000 us, and no more than the parent group has',
  },
  { file: /^cpu\.cfs_period_us$/, errno: ['EINVAL'], hint: 'the period must be 1000 to 1000000 us' },
  {
    file: /burst/,
    errno: ['EINVAL'],
    hint: 'the burst must not be larger than the quota, which must be set',
  },
  {
    file: /^cpu\.rt_/,
    errno: ['EINVAL', 'EBUSY'],
    hint: 'the parent group has not that much real-time CPU time: set cpu.rt_runtime_us there first',
  },
  { file: /^cpu\.weight$/, errno: ['ERANGE', 'EINVAL'], hint: 'the weight must be 1 to 10000' },
  {
    file: /^cpuset\./,
    errno: ['EINVAL', 'ERANGE', 'EACCES'],
    hint: 'these CPUs or nodes must exist, and be in the cpuset of the parent group',
  },
  { file: /^cpuset\./, errno: ['ENOSPC'], hint: 'a group with processes must keep at least one CPU and one node' },
  {
    file: /^memory\.(limit_in_bytes|max|memsw\.limit_in_bytes)$/,
    errno: ['EBUSY'],
    hint: 'more than that is in use and cannot be reclaimed',
  },
  {
    file: /^memory\.memsw\.limit_in_bytes$/,
    errno: ['EINVAL'],
    hint: 'the limit of memory and swap must not be lower than that of memory alone, which must be set too',
  },
  {
    file: /^memory\.memsw\./,
    errno: ['ENOENT'],
    hint: 'the kernel does not account for swap: boot with swapaccount=1, or leave the swap limit out',
  },
  { file: /^memory\.swap\./, errno: ['ENOENT'], hint: 'the kernel has no swap accounting' },
  { file: /^memory\.swappiness$/, errno: ['EINVAL'], hint: 'swappiness must be 0 to 100' },
  {
    file: /^(blkio|io)\./,
    errno: ['ENODEV', 'ENXIO'],
    hint: 'no block device (a whole disk, not a partition) has these numbers',
  },
  { file: /^(blkio|io)\..*weight/, errno: ['ENOENT'], hint: 'no I/O scheduler of this kernel knows weights: load bfq' },
  { file: /^(blkio|io)\..*weight/, errno: ['ERANGE', 'EINVAL'], hint: 'the weight is out of range: 10 to 1000' },
  { file: /^devices\./, errno: ['EPERM'], hint: 'the parent group may not use these devices itself' },
  { file: /^devices\./, errno: ['EINVAL'], hint: 'a rule is a type, major:minor and some of rwm' },
  { file: /^net_prio\./, errno: ['ENODEV', 'EINVAL'], hint: 'no interface of the host has this name' },
  {
    file: /^cgroup\.subtree_control$/,
    errno: ['EBUSY', 'EOPNOTSUPP'],
    hint: 'a group of cgroup v2 with processes in it cannot give controllers to groups below: use another parent',
  },
  {
    file: /^cgroup\.subtree_control$/,
    errno: ['EINVAL', 'ENOENT'],
    hint: 'the controller is not available here: see cgroup.controllers',
  },
  {
    file: /^cgroup\.procs$/,
    errno: ['EBUSY'],
    hint: 'the group gives controllers to groups below, so no process may be in it',
  },
  { file: /^cgroup\.procs$/, errno: ['ESRCH'], hint: 'the process has ended' },
  { file: /^cgroup\.procs$/, errno: ['ENOSPC'], hint: 'cpuset.cpus or cpuset.mems of the group is empty' },
  { file: /^cgroup\.procs$/, errno: ['EOPNOTSUPP'], hint: 'the group, or one above, is threaded: see cgroup.type' },
  {
    file: /^cgroup\.procs$/,
    errno: ['EINVAL'],
    hint: 'real-time processes need cpu.rt_runtime_us in the group, and kernel threads cannot be moved',
  },
  {
    file: /^cgroup\.procs$/,
    errno: ['EACCES', 'EPERM'],
    hint: 'moving a process needs write access to the closest common parent group as well',
  },
  { file: anyFile, errno: ['EROFS'], hint: 'the cgroup file system is mounted read-only: remount it read-write' },
  {
    file: anyFile,
    errno: ['EACCES', 'EPERM'],
    hint: 'run as root, or below a group that was delegated to this user (systemd: Delegate=yes)',
  },
  {
    file: /^cpu\.(cfs_|max)/,
    errno: ['ENOENT'],
    hint: 'the kernel has no CPU bandwidth control (CONFIG_CFS_BANDWIDTH): leave quota and period out, or use cpuShares',
  },
  {
    file: /^cpu\.rt_/,
    errno: ['ENOENT'],
    hint: 'the kernel has no real-time groups (CONFIG_RT_GROUP_SCHED): leave cpuRtRuntime and cpuRtPeriod out',
  },
  {
    file: /^hugetlb\./,
    errno: ['ENOENT'],
    hint: 'the kernel has no huge pages of this size: see /sys/kernel/mm/hugepages',
  },
  { file: /^rdma\./, errno: ['ENODEV', 'EINVAL'], hint: 'no RDMA device has this name: see /sys/class/infiniband' },
  { file: /^pids\.max$/, errno: ['EINVAL'], hint: 'the limit must be 0 to 4194304, or -1 for none' },
  { file: anyFile, errno: ['ENOENT', 'ENODEV'], hint: 'the group has not this file: its controller is missing or off' },
  {
    file: anyFile,
    errno: ['EINVAL', 'ERANGE'],
    hint: 'the kernel takes no such value there: see Documentation/admin-guide/cgroup-v1 and cgroup-v2.rst',
  },
  { file: anyFile, errno: ['ENOSPC', 'EAGAIN'], hint: 'too many groups: see cgroup.max.descendants, remove old ones' },
];

/** What to do about a failed access to a file of a group; undefined when nothing is known. */
export function hintFor(file: string, errno: string | undefined): string | undefined {
  return hints.find((hint) => errno !== undefined && hint.errno.includes(errno) && hint.file.test(file))?.hint;
}
