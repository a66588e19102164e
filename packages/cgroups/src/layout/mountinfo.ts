/** A mount of a cgroup file system. */
export interface CgroupMount {
  /** 1: a hierarchy of its own with the controllers of its options; 2: the unified hierarchy. */
  readonly version: 1 | 2;
  /** Where it is mounted. */
  readonly mountPoint: string;
  /** The group that is seen there; `/` unless a part of the hierarchy is mounted, as in many containers. */
  readonly root: string;
  /** Options of the file system: on v1 the controllers are among them. */
  readonly options: readonly string[];
}

/** The cgroup mounts in the text of /proc/self/mountinfo, in its order; other lines do not matter. proc_pid_mountinfo(5) */
export function parseCgroupMounts(mountinfo: string): readonly CgroupMount[] {
  const mounts: CgroupMount[] = [];
  for (const line of mountinfo.split('\n')) {
    const fields = line.split(' ');
    const separator = fields.indexOf('-', 6);
    if (separator < 0) continue;
    const type = fields[separator + 1];
    if (type !== 'cgroup' && type !== 'cgroup2') continue;
    mounts.push({
      version: type === 'cgroup' ? 1 : 2,
      root: unescapeOctal(fields[3] ?? ''),
      mountPoint: unescapeOctal(fields[4] ?? ''),
      options: (fields[separator + 3] ?? '').split(','),
    });
  }
  return mounts;
}

function unescapeOctal(text: string): string {
  return text.replace(/\\([01][0-7]{2})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));
}
