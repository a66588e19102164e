/**
 * Path below /proc/sys of a sysctl name, by the rules of sysctl(8): the first separator, a dot or a slash, is the one
 * that separates; the other one stands for the separating character itself (`net.ipv4.conf.eth0/1.forwarding` and
 * `net/ipv4/conf/eth0.1/forwarding` are the same).
 *
 * @returns undefined for a name that would leave /proc/sys: absolute, with an empty part, or with `.` or `..` as part.
 */
export function sysctlPath(name: string): string | undefined {
  const separator = /[./]/.exec(name)?.[0] ?? '.';
  const parts = name.split(separator).map((part) => (separator === '.' ? part.replaceAll('/', '.') : part));
  return parts.every((part) => part !== '' && part !== '.' && part !== '..') ? parts.join('/') : undefined;
}
