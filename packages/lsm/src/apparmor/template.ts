import { checkProfileName } from './profile-name.ts';

/** What {@link containerProfile} is made from. */
export interface ContainerProfileOptions {
  readonly name: string;
  /** Rules beside those of the template, each with its final comma: `deny /etc/shadow r,`. undefined: none. */
  readonly rules?: readonly string[];
  /**
   * Profiles whose processes may send signals to those of this one, and be looked at and signalled by them; undefined:
   * only unconfined ones may send signals.
   */
  readonly peers?: readonly string[];
}

/**
 * The standard profile of a container, as libcontainer's specification has it: everything but mounts, and those parts of /proc
 * and /sys that belong to the host. Processes of the profile may signal and trace each other, which newer versions of
 * AppArmor ask for.
 *
 * @returns a text for {@link loadProfiles}, or for a file of /etc/apparmor.d
 * @throws {LsmError} for a text that no profile can be called.
 */
export function containerProfile({ name, rules = [], peers = [] }: ContainerProfileOptions): string {
  checkProfileName(name);
  const own = [name, ...peers].map(quote);
  return [
    '#include <tunables/global>',
    `profile ${quote(name)} flags=(attach_disconnected,mediate_deleted) {`,
    ...[
      '#include <abstractions/base>',
      'network,',
      'capability,',
      'file,',
      'umount,',
      '',
      'signal (receive) peer=unconfined,',
      ...own.map((peer) => `signal (send,receive) peer=${peer},`),
      ...own.map((peer) => `ptrace (trace,read,tracedby,readby) peer=${peer},`),
      '',
      'deny @{PROC}/sys/fs/** wklx,',
      'deny @{PROC}/sysrq-trigger rwklx,',
      'deny @{PROC}/mem rwklx,',
      'deny @{PROC}/kmem rwklx,',
      'deny @{PROC}/sys/kernel/[^s][^h][^m]* wklx,',
      'deny @{PROC}/sys/kernel/*/** wklx,',
      '',
      'deny mount,',
      '',
      'deny /sys/[^f]*/** wklx,',
      'deny /sys/f[^s]*/** wklx,',
      'deny /sys/fs/[^c]*/** wklx,',
      'deny /sys/fs/c[^g]*/** wklx,',
      'deny /sys/fs/cg[^r]*/** wklx,',
      'deny /sys/firmware/efi/efivars/** rwklx,',
      'deny /sys/kernel/security/** rwklx,',
      ...(rules.length > 0 ? ['', ...rules] : []),
    ].map((line) => (line === '' ? '' : `  ${line}`)),
    '}',
    '',
  ].join('\n');
}

/** A name as the policy language writes it: characters that mean something there are escaped. */
function quote(name: string): string {
  return /^[\w./-]+$/.test(name) ? name : `"${name.replace(/[\\"*?[\]{}^@]/g, '\\$&')}"`;
}
