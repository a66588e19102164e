import type { Explanation, Failure, Rule } from './failure.ts';
import { whyRefused } from './privilege.ts';
import { openProcessView, openRootfsView, readMounts } from './view.ts';
import { faultOnTheWay } from './way.ts';

const mountField = /^mounts\[\d+\]$/;

/** Failures of bind mounts, and of making the place for a mount. */
export const binds: readonly Rule[] = [
  {
    field: mountField,
    ops: ['open_tree'],
    errnos: ['ENOENT', 'ENOTDIR', 'EACCES', 'ELOOP', 'ENAMETOOLONG'],
    explain: explainSource,
  },
  { field: mountField, ops: ['open_tree'], errnos: ['EINVAL'], explain: explainUnbindable },
  { field: mountField, ops: ['fail'], errnos: ['EISDIR', 'ENOTDIR'], explain: explainTypes },
  { field: /^(?:mounts|devices)\[\d+\]$/, ops: ['openat2', 'mkdirat', 'mknodat', 'symlinkat'], explain: explainPlace },
  { field: /^devices\[\d+\]$/, ops: ['fail'], explain: explainDevice },
];

function explainSource(failure: Failure): Explanation | undefined {
  const source = failure.string(1);
  if (source === undefined || source === '') return undefined;
  const opened = openProcessView(failure.context);
  if (opened === undefined) return undefined;
  using view = opened;
  const fault = faultOnTheWay(view, source, failure.actor);
  if (!fault) return undefined;
  if (fault.outcome !== 'missing')
    return { cause: `bind source ${source}: ${fault.cause}`, path: fault.path, hint: fault.hint };
  return {
    cause: fault.path === source ? `bind source ${source} does not exist` : `bind source ${source}: ${fault.cause}`,
    path: source,
    hint: 'make it on the host, or correct the source',
  };
}

function explainUnbindable(failure: Failure): Explanation | undefined {
  const source = failure.string(1);
  if (source === undefined) return undefined;
  const mounts = readMounts(failure.context.pid ?? 'self');
  const unbindable = mounts.find(
    ({ mountPoint, propagation }) =>
      propagation.unbindable && (source === mountPoint || source.startsWith(`${mountPoint}/`)),
  );
  if (unbindable)
    return {
      cause: `bind source ${source} lies on ${unbindable.mountPoint}, which is mounted unbindable`,
      path: unbindable.mountPoint,
      hint: `mount --make-private ${unbindable.mountPoint}`,
    };
  if (!failure.actor.inUserNamespace || /AT_RECURSIVE/.test(failure.error.step.text)) return undefined;
  return {
    cause: `bind source ${source} has mounts below it, which a user namespace may not uncover`,
    path: source,
    hint: 'bind it with its submounts: flags MS_BIND and MS_REC',
  };
}

/** The step says itself which of the two is the directory. */
function explainTypes(failure: Failure): Explanation {
  const [, source, path] =
    /^(.+) is a file, but (.+) is a directory$/s.exec(failure.what) ??
    /^(.+) is a directory, but (.+) or a part of it is not$/s.exec(failure.what) ??
    [];
  return {
    about: failure.field,
    cause: failure.what,
    path: path ?? source,
    hint: 'a file is bound onto a file and a directory onto a directory: choose another destination, or remove what is there',
  };
}

/** The path of the container that the step works on. */
function destinationOf({ what }: Failure): string | undefined {
  return /^mount .+ on (\/.*)$/s.exec(what)?.[1] ?? /^make device (.+)$/s.exec(what)?.[1];
}

function explainPlace(failure: Failure): Explanation | undefined {
  const destination = destinationOf(failure);
  if (destination === undefined) return undefined;
  const what = failure.field.startsWith('devices') ? 'device' : 'mount point';
  if (failure.errno === 'EROFS')
    return {
      cause: `${what} ${destination} does not exist, and the file system that it would be made in is read-only`,
      path: destination,
      hint: `make it in the root file system beforehand: ${what === 'device' ? 'its directory' : destination}`,
    };
  if (failure.errno === 'EOVERFLOW')
    return {
      cause: `${what} ${destination} cannot be made: user or group of this process is not mapped in the file system's user namespace`,
      path: destination,
      hint: 'map id 0 in uidMappings and gidMappings, and give the root file system to the ids on the host',
    };
  if (failure.op === 'mknodat' && failure.errno === 'EPERM')
    return {
      path: destination,
      ...whyRefused(failure, 'CAP_MKNOD', {
        cause: 'no device can be made in a user namespace',
        hint: 'bind the device of the host instead',
      }),
    };
  const opened = openRootfsView(failure.context);
  if (opened === undefined) return undefined;
  using view = opened;
  const noSymlinks = /RESOLVE_NO_SYMLINKS/.test(failure.error.step.text);
  const fault = faultOnTheWay(view, destination, failure.actor, { noSymlinks });
  if (fault?.outcome === 'symlink')
    return {
      cause: `${fault.cause}, where no link is allowed`,
      path: fault.path,
      hint: 'replace it by a directory in the root file system',
    };
  if (fault?.outcome === 'missing' && (failure.errno === 'EACCES' || failure.errno === 'EPERM')) {
    const parent = fault.path.slice(0, fault.path.lastIndexOf('/')) || '/';
    return {
      cause: `${fault.path} does not exist, and this process may not write to ${parent}`,
      path: fault.path,
      hint: failure.actor.inUserNamespace
        ? 'give the root file system to the ids that the user namespace maps'
        : 'make it in the root file system beforehand',
    };
  }
  return fault && { cause: fault.cause, path: fault.path, hint: fault.hint };
}

function explainDevice(failure: Failure): Explanation {
  const path = /^(.+) exists and is another file$/s.exec(failure.what)?.[1];
  return {
    about: failure.field,
    cause: failure.what,
    path,
    hint:
      path === undefined
        ? 'look at the device on the host'
        : `remove ${path} from the root file system, or leave the device out`,
  };
}
