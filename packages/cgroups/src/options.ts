import type { Layout } from './layout/layout.ts';
import type { GroupName } from './layout/path.ts';
import type { CgroupMembership } from './layout/proc-cgroup.ts';
import type { Resources } from './resources.ts';

/** Which group a manager is for, and how. */
export interface GroupOptions extends GroupName {
  /** Path of the group instead of `parent` and `name`: absolute from the hierarchy's root, or relative. */
  readonly path?: string;
  /** Its limits. */
  readonly resources?: Resources;
  /**
   * Whether this user may lack the right to make groups. Then the process stays where it is, unless a limit is asked
   * for; and rules about devices are left out, since in a user namespace no device can be made. Default: whether this
   * process is not root.
   */
  readonly rootless?: boolean;
  /** Whether a group that exists already with processes in it, or frozen, is refused. Default false. */
  readonly exclusive?: boolean;
  /** The directories of a group that exists, as `paths()` of another manager gave them. */
  readonly paths?: Readonly<Record<string, string>>;
  /** How the host arranges its groups. Default: found out. */
  readonly layout?: Layout;
  /** Where this process is, for relative paths. Default: found out. */
  readonly memberships?: readonly CgroupMembership[];
}
