import type { FileRight, FileRightGroup, LogFlag, PortRight, Scope } from './rights.ts';

/** What may be done with some files, or everything below some directories. */
export interface PathRule {
  /** Paths, as the process that is restricted sees them at that moment; symbolic links are followed. */
  readonly paths: readonly string[];
  /** Rights, or groups of them. Of a file that is no directory those that make sense for one are given. */
  readonly access: readonly (FileRight | FileRightGroup)[];
  /** True: a path that does not exist is passed over. undefined: it is an error of the start. */
  readonly optional?: boolean;
}

/** What may be done with one TCP port. */
export interface PortRule {
  /** 0 to 65535; 0 with `bind_tcp`: any port that the kernel chooses. */
  readonly port: number;
  readonly access: readonly PortRight[];
}

/**
 * What a process and its descendants give up, for good. Everything that is handled is forbidden but for what the rules
 * allow; everything else stays as it is. landlock(7)
 */
export interface Ruleset {
  /**
   * `strict`: a kernel that cannot enforce all of it is an error. `best_effort`: what the kernel cannot enforce is left
   * out, and told. undefined: strict.
   */
  readonly mode?: 'strict' | 'best_effort';
  /** The newest version of Landlock that is used, whatever the kernel has; undefined: that of the kernel. */
  readonly abi?: number;
  /** Rights on files that are handled; undefined: all, when there are `paths`, else none. */
  readonly handledFiles?: readonly FileRight[];
  /** Rights on TCP ports that are handled; undefined: all, when there are `ports`, else none. */
  readonly handledPorts?: readonly PortRight[];
  /** Files that may be used; an empty list allows none. */
  readonly paths?: readonly PathRule[];
  /** TCP ports that may be used; an empty list allows none. */
  readonly ports?: readonly PortRule[];
  /** What cannot be reached outside. */
  readonly scopes?: readonly Scope[];
  /** Changes to the audit log; undefined: denials are told until the process executes another program. */
  readonly log?: readonly LogFlag[];
}
