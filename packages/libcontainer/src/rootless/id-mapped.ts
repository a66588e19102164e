import { type Config, findNamespace, MOUNT_FLAGS, type Mount } from '@nsinit/config';
import { type MountinfoEntry, type MountTrees, readMountinfo } from '@nsinit/mount';
import { createUserNamespace, type DescriptorSource, type UserMaps } from '@nsinit/namespaces';
import { AT_FDCWD, constant, Fd, type FdNumber, invoke, SyscallError } from '@nsinit/syscall';
import { readSubject } from '../diagnose/subject.ts';
import { openProcessView } from '../diagnose/view.ts';
import { faultOnTheWay } from '../diagnose/way.ts';
import { asContainerError, ContainerError, type ErrorFacts } from '../errors.ts';

/** One mount that shows the files of a file system with other owners. */
interface IdMapped {
  /** Configuration field, which is the descriptor's name too: `mounts[3]`. */
  readonly field: string;
  readonly source: string;
  readonly maps: UserMaps;
  /** Whether submounts come along. */
  readonly recursive: boolean;
  /** Whether they are mapped too. */
  readonly mapsAll: boolean;
  /** The entry; undefined: the root file system. */
  readonly mount: Mount | undefined;
}

/** The id-mapped mounts that a configuration asks for. */
function idMappedOf(config: Config): readonly IdMapped[] {
  if (!config.idmapRootfs && !config.mounts?.some(isIdMapped)) return [];
  const user = findNamespace(config.namespaces, 'NEWUSER');
  const { uidMappings = [], gidMappings = [] } = user ? config : {};
  const maps = { uidMappings, gidMappings };
  const mounts = (config.mounts ?? []).flatMap((mount, index): readonly IdMapped[] => {
    if (!isIdMapped(mount)) return [];
    return [
      {
        field: `mounts[${index}]`,
        source: mount.source,
        maps: mount.uidMappings && mount.gidMappings ? (mount as UserMaps) : maps,
        recursive: (mount.flags & MOUNT_FLAGS.MS_REC) !== 0,
        mapsAll: mount.idmap === 'ridmap',
        mount,
      },
    ];
  });
  if (!config.idmapRootfs) return mounts;
  const root = { field: 'rootfs', source: config.rootfs, maps, recursive: true, mapsAll: false, mount: undefined };
  return [root, ...mounts];
}

/** Another one with mappings is refused when it is planned. */
function isIdMapped({ device, idmap, uidMappings }: Mount): boolean {
  return device === 'bind' && (idmap !== undefined || uidMappings !== undefined);
}

const nameOf = ({ field }: IdMapped): DescriptorSource => ({ name: `id-mapped ${field}` });

/** What a plan needs of them; undefined: the configuration has none. */
export function plannedTrees(
  config: Config,
  descriptor: (source: DescriptorSource) => FdNumber,
): MountTrees | undefined {
  const wanted = idMappedOf(config);
  if (wanted.length === 0) return undefined;
  const fds = wanted.map((one) => [one.mount, descriptor(nameOf(one))] as const);
  return {
    rootfs: fds.find(([mount]) => mount === undefined)?.[1],
    mounts: new Map(fds.flatMap(([mount, fd]) => (mount ? [[mount, fd] as const] : []))),
  };
}

/** The id-mapped mounts of a container that starts, attached nowhere: closing them is all there is to undo. */
export class IdMappedTrees implements Disposable {
  readonly #trees = new Map<string, Fd>();

  /**
   * Makes them, from outside: the kernel asks for privileges over the file system, which no user namespace of a container has.
   *
   * @throws {ContainerError} SystemError, naming field and path, for a file system that cannot be mapped.
   */
  static async make(config: Config): Promise<IdMappedTrees> {
    const made = new IdMappedTrees();
    try {
      for (const wanted of idMappedOf(config)) made.#trees.set(nameOf(wanted).name, await makeTree(wanted));
      return made;
    } catch (error) {
      made[Symbol.dispose]();
      throw error;
    }
  }

  /** For a launch. */
  get files(): Readonly<Record<string, () => Fd>> {
    const entries = [...this.#trees].map(([name, fd]) => [name, () => duplicate(fd)] as const);
    return Object.fromEntries(entries);
  }

  [Symbol.dispose](): void {
    for (const fd of this.#trees.values()) fd.close();
  }
}

async function makeTree(wanted: IdMapped): Promise<Fd> {
  const { field, source, recursive, mapsAll } = wanted;
  const facts: ErrorFacts = { field, path: source, step: `make an id-mapped mount of ${source}` };
  let tree: Fd | undefined;
  try {
    using namespace = await createUserNamespace(wanted.maps);
    const all = recursive ? (['AT_RECURSIVE'] as const) : [];
    using place = openSource(wanted);
    tree = new Fd(
      invoke('open_tree', {
        dirfd: place,
        path: '',
        flags: ['AT_EMPTY_PATH', 'OPEN_TREE_CLONE', 'OPEN_TREE_CLOEXEC', ...all],
      }),
    );
    invoke('mount_setattr', {
      dirfd: tree,
      path: '',
      flags: mapsAll && recursive ? ['AT_EMPTY_PATH', 'AT_RECURSIVE'] : ['AT_EMPTY_PATH'],
      attr: {
        attr_set: constant('mount_attr', 'MOUNT_ATTR_IDMAP'),
        attr_clr: 0,
        propagation: 0,
        userns_fd: namespace.fd,
      },
    });
    return tree;
  } catch (error) {
    tree?.close();
    if (error instanceof SyscallError && isRefusal(error)) throw whyUnmapped(error, wanted, facts);
    if (error instanceof SyscallError && error.syscall === 'openat2') throw whyUnreachable(error, wanted, facts);
    throw asContainerError(error, `${field}: cannot make an id-mapped mount of ${source}`, facts);
  }
}

/** Finds what is to be mapped. No part of the path of a root file system may be a link, as in any other start. */
function openSource({ source, mount }: IdMapped): Fd {
  const how = mount
    ? ({ flags: ['O_PATH', 'O_CLOEXEC'] } as const)
    : ({ flags: ['O_PATH', 'O_DIRECTORY', 'O_CLOEXEC'], resolve: ['RESOLVE_NO_SYMLINKS'] } as const);
  return new Fd(invoke('openat2', { dirfd: AT_FDCWD, pathname: source, how }));
}

function whyUnreachable(error: SyscallError, { field, source, mount }: IdMapped, facts: ErrorFacts): ContainerError {
  const about = `${field}: cannot make an id-mapped mount of ${source}`;
  const subject = readSubject('self');
  using view = openProcessView({});
  const fault = view && subject && faultOnTheWay(view, source, subject, { noSymlinks: mount === undefined });
  // The way is free when it ends at something else than a directory.
  const cause = fault?.cause ?? (error.code === 'ENOTDIR' ? `${source} is not a directory` : undefined);
  if (cause === undefined) return asContainerError(error, about, facts);
  return new ContainerError('SystemError', `${about}: ${cause}`, {
    ...facts,
    path: fault?.path ?? source,
    errno: error.code as `E${number}`,
    ...(fault?.hint === undefined ? {} : { hint: fault.hint }),
    cause: error,
  });
}

/** An ordinary user may not even have the copy of the mount that would be mapped. */
const isRefusal = ({ syscall, code }: SyscallError): boolean =>
  syscall === 'mount_setattr' || (syscall === 'open_tree' && code === 'EPERM');

function whyUnmapped(error: SyscallError, { field, source }: IdMapped, facts: ErrorFacts): ContainerError {
  const about = `${field}: cannot make an id-mapped mount of ${source}`;
  const type = mountOf(source)?.fsType ?? 'its file system';
  const more = { ...facts, errno: error.code as `E${number}`, cause: error };
  if (error.code === 'EINVAL')
    return new ContainerError('SystemError', `${about}: ${type} has no id-mapped mounts in this kernel`, {
      ...more,
      hint: 'put it on a file system that has them (ext4, xfs, btrfs; tmpfs since Linux 6.3; overlay over such ones), or change the owners of the files',
    });
  if (error.code === 'EPERM')
    return new ContainerError(
      'SystemError',
      `${about}: it needs CAP_SYS_ADMIN over ${type}, and a mount that is not id-mapped already`,
      { ...more, hint: 'run as root of the host, or leave the mapping out' },
    );
  return asContainerError(error, about, facts);
}

/** The mount that a path is on. */
function mountOf(path: string): MountinfoEntry | undefined {
  const holds = ({ mountPoint }: MountinfoEntry) =>
    mountPoint === '/' || path === mountPoint || path.startsWith(`${mountPoint}/`);
  return readMountinfo('self')
    .filter(holds)
    .reduce<MountinfoEntry | undefined>(
      (best, one) => (best && best.mountPoint.length > one.mountPoint.length ? best : one),
      undefined,
    );
}

function duplicate(fd: Fd): Fd {
  return new Fd(invoke('fcntl', { fd, op: 'F_DUPFD_CLOEXEC', arg: 0 }));
}
