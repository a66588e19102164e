import type { Netlink } from '@nsinit/netlink';

/** Where the steps of a container's network are taken. */
export interface NetworkPlace {
  /** The namespace of whoever starts the container. */
  readonly host: Netlink;
  /** The container's namespace. */
  readonly inside: Netlink;
  /** A process in the container's namespace. */
  readonly pid: number;
  /** Directory of the container's state: what is made is marked with it, and what is borrowed is written down there. */
  readonly owner: string;
}

/** What a start does about the network, from outside, while its process waits: one step, for people. */
export interface PlannedNetworkStep {
  /** The field that asks for it: `networks[1]`. */
  readonly field: string;
  /** What it is for, in words. */
  readonly what: string;
  /** The same as a command of iproute2 or nftables; `PID` is the waiting process. */
  readonly text: string;
}

/** A step that can be taken. */
export interface NetworkStep extends PlannedNetworkStep {
  /** @throws {NetlinkError} as the kernel says it; what this step made is gone then. */
  take(place: NetworkPlace): void | Promise<void>;
}

/** Words of a command, without those that are not wanted. */
export function words(...parts: readonly (string | number | false | undefined)[]): string {
  return parts.filter((part) => part !== undefined && part !== false && part !== '').join(' ');
}
