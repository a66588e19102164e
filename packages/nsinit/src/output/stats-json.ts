import { statsObject } from '@nsinit/cgroups';
import { type JsonValue, stringifyJson } from '@nsinit/config';
import type { Container } from '@nsinit/libcontainer';

/** What a container uses. */
type Stats = Awaited<ReturnType<Container['stats']>>;

/**
 * Statistics as JSON with the keys of the original libcontainer, which are those of its Go structures (`RxBytes`) where it
 * gave them no others. Counters keep all their digits.
 */
export function statsJson({ interfaces, cgroupStats }: Stats): string {
  // Its type would permit lists with holes, which it does not make.
  const cgroup = statsObject(cgroupStats) as JsonValue;
  return stringifyJson({ Interfaces: interfaces.map(interfaceObject), CgroupStats: cgroup }, '\t');
}

function interfaceObject(counters: Stats['interfaces'][number]): Readonly<Record<string, string | bigint>> {
  const capital = (name: string): string => `${name[0]!.toUpperCase()}${name.slice(1)}`;
  return Object.fromEntries(
    Object.entries<string | bigint>({ ...counters }).map(([name, value]) => [capital(name), value]),
  );
}
