import { fstatSync } from 'node:fs';
import { duplicate, type Fd, type FdNumber } from '@nsinit/syscall';
import { inNamespace, newNamespaceFile, openNamespaceFile, ownNamespaceFile } from './enter.ts';
import { namedPath } from './named.ts';

/**
 * Where a network namespace is: a handle, a file (`/proc/1234/ns/net`, a bind mount), a process, a descriptor of ours, or
 * a name as `ip netns` gives them.
 */
export type NamespaceRef =
  | NetworkNamespace
  | { readonly path: string }
  | { readonly pid: number }
  | { readonly fd: number }
  | { readonly name: string };

/**
 * A handle to a network namespace. It keeps the namespace alive until it is closed.
 *
 * ```ts
 * using ns = NetworkNamespace.create();
 * using inside = new Netlink({ netns: ns });
 * inside.links.set('lo', { up: true });
 * ```
 */
export class NetworkNamespace implements FdNumber, Disposable {
  readonly #fd: Fd;

  /** Takes over the descriptor. */
  constructor(fd: Fd) {
    this.#fd = fd;
  }

  /** The calling thread's namespace. */
  static current(): NetworkNamespace {
    return new NetworkNamespace(ownNamespaceFile());
  }

  /** A new, empty namespace that has no name. Needs CAP_SYS_ADMIN. */
  static create(): NetworkNamespace {
    return new NetworkNamespace(newNamespaceFile());
  }

  /**
   * Opens a namespace.
   *
   * @throws {SyscallError} `ENOENT` when there is none.
   */
  static open(ref: NamespaceRef): NetworkNamespace {
    return new NetworkNamespace(openRef(ref));
  }

  /** The descriptor, for setns(2) and IFLA_NET_NS_FD. */
  get fd(): number {
    return this.#fd.fd;
  }

  /** The inode number, by which two handles of one namespace are told: `net:[4026531840]` has 4026531840. */
  get inode(): number {
    return fstatSync(this.#fd.fd).ino;
  }

  /**
   * Runs a synchronous function with the calling thread in the namespace: sockets that it opens stay there. Needs
   * CAP_SYS_ADMIN.
   *
   * @throws {NamespaceReturnError} when the way back fails: end the process, or the worker.
   */
  run<T>(call: () => T): T {
    return inNamespace(this.#fd, call);
  }

  /** Lets go of the namespace; the second time nothing happens. */
  close(): void {
    this.#fd.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

function openRef(ref: NamespaceRef): Fd {
  if ('path' in ref) return openNamespaceFile(ref.path);
  if ('pid' in ref) return openNamespaceFile(`/proc/${ref.pid}/ns/net`);
  if ('name' in ref) return openNamespaceFile(namedPath(ref.name));
  return duplicate({ fd: ref.fd }, 3);
}

/** A reference whose descriptor can be used at once: handles and descriptors are lent, all others opened. */
export function borrow(ref: NamespaceRef): { readonly fd: number; readonly opened?: Fd } {
  if (ref instanceof NetworkNamespace || 'fd' in ref) return { fd: ref.fd };
  const opened = openRef(ref);
  return { fd: opened.fd, opened };
}
