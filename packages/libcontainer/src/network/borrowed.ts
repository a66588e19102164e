import { closeSync, existsSync, openSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Address, type Link, Netlink, type NetworkNamespace } from '@nsinit/netlink';
import { errnos, invoke, tryInvoke } from '@nsinit/syscall';

/** What is known of an interface that a container has from the host, so that it can be given back as it was. */
export interface Borrowed {
  /** The network of the configuration that asked for it. */
  readonly index: number;
  /** Its name on the host. */
  readonly ifname: string;
  /** `macvlan`; null for hardware. */
  readonly kind: string | null;
  readonly ifalias: string;
  readonly up: boolean;
  /** The bridge, bond or VRF that it was a port of. */
  readonly master: string | null;
  readonly mtu: number | null;
  readonly txqlen: number | null;
  readonly address: string | null;
  /** Those that were configured: neither link-local nor with a lifetime. */
  readonly addresses: readonly BorrowedAddress[];
  /** Its index inside, once it is there: the one thing that a process of the container cannot change. */
  readonly inside: number | null;
}

type BorrowedAddress = Pick<Address, 'local' | 'prefixlen' | 'scope'> & Partial<Pick<Address, 'address' | 'broadcast'>>;

/** The file that says what a container has from the host. */
const recordPath = (owner: string): string => join(owner, 'interfaces.json');

/** The file on which the container's network namespace is mounted, so that it outlives the container's processes. */
const holdPath = (owner: string): string => join(owner, 'netns');

/** Describes an interface of the host before it goes. */
export function describeBorrowed(index: number, link: Link, host: Netlink): Borrowed {
  return {
    index,
    ifname: link.ifname,
    kind: link.linkinfo?.info_kind ?? null,
    ifalias: link.ifalias ?? '',
    up: link.flags.includes('UP'),
    master: link.master ?? null,
    mtu: link.mtu ?? null,
    txqlen: link.txqlen ?? null,
    address: link.address ?? null,
    addresses: host.addresses
      .list({ dev: link.ifindex })
      .filter(({ dynamic, temporary, scope }) => !dynamic && !temporary && scope !== 'link')
      .map(({ local, prefixlen, scope, address, broadcast }) => ({
        local,
        prefixlen,
        scope,
        ...(address === undefined ? {} : { address }),
        ...(broadcast === undefined ? {} : { broadcast }),
      })),
    inside: null,
  };
}

/** Gives an interface the addresses that it had. */
export function restoreAddresses(on: Netlink, dev: string | number, addresses: readonly BorrowedAddress[]): void {
  for (const address of addresses)
    on.addresses.replace({ ...address, dev, ...(address.local.includes(':') ? { nodad: true } : {}) });
}

/** What a container has from the host; nothing when it never had anything. */
export function readBorrowed(owner: string): readonly Borrowed[] {
  if (!existsSync(recordPath(owner))) return [];
  return JSON.parse(readFileSync(recordPath(owner), 'utf8')) as readonly Borrowed[];
}

/** Writes it down, as a whole or not at all. */
export function writeBorrowed(owner: string, borrowed: readonly Borrowed[]): void {
  const temporary = `${recordPath(owner)}.tmp`;
  writeFileSync(temporary, JSON.stringify(borrowed), { mode: 0o600 });
  renameSync(temporary, recordPath(owner));
}

/**
 * Keeps a container's network namespace in existence: with the last process in it the kernel would destroy virtual
 * interfaces, and put hardware into the first namespace of all, whoever it came from.
 */
export function holdNamespace(owner: string, pid: number): void {
  const path = holdPath(owner);
  closeSync(openSync(path, 'w', 0o600));
  invoke('mount', {
    source: `/proc/${pid}/ns/net`,
    target: path,
    filesystemtype: null,
    mountflags: ['MS_BIND'],
    data: null,
  });
}

/** The namespace that is kept, in this mount namespace; undefined when there is none. */
export function heldNamespace(owner: string): string | undefined {
  const path = holdPath(owner);
  const file = statSync(path, { throwIfNoEntry: false });
  return file && file.dev !== statSync(owner).dev ? path : undefined;
}

/** Lets go of the namespace, and forgets what the container had. */
export function forgetBorrowed(owner: string): void {
  for (;;) {
    const result = tryInvoke('umount2', { target: holdPath(owner), flags: ['MNT_DETACH', 'UMOUNT_NOFOLLOW'] });
    if (result === -errnos.EINVAL || result === -errnos.ENOENT) break;
    if (result < 0) invoke('umount2', { target: holdPath(owner), flags: ['MNT_DETACH', 'UMOUNT_NOFOLLOW'] });
  }
  rmSync(holdPath(owner), { force: true });
  rmSync(recordPath(owner), { force: true });
}

/** A conversation with a namespace that a file names; undefined when it is none any more. */
export function talkTo(path: string | NetworkNamespace): Netlink | undefined {
  try {
    return new Netlink({ netns: typeof path === 'string' ? { path } : path });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ESRCH' || code === 'EINVAL') return undefined;
    throw error;
  }
}
