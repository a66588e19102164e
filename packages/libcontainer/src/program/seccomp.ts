import { release } from 'node:os';
import { type Config, capabilitySets, isSeccompProfile } from '@nsinit/config';
import type { Filter, Listener } from '@nsinit/seccomp';
import { type Fd, type FdNumber, hostArch, type ProgramBuilder } from '@nsinit/syscall';
import { ContainerError } from '../errors.ts';

/** The filter of system calls of a configuration. */
export interface ContainerFilter {
  readonly filter: Filter;
  /** Whether calls are asked about: then a listener is sent when the filter is installed. */
  readonly notifies: boolean;
  /** Unix socket of an agent that answers; undefined: none. */
  readonly listenerPath: string | undefined;
  /** What the agent is told. */
  readonly listenerMetadata: string | undefined;
  /**
   * Writes its installation.
   *
   * @param socket where the listener is sent to.
   * @throws {ContainerError} ConfigInvalid, naming the field, for a filter that cannot be.
   */
  install(b: ProgramBuilder, socket: FdNumber): void;
  /** Makes a listener of its descriptor, which it takes over. */
  listen(fd: Fd): Listener;
}

/**
 * The filter of a configuration; undefined when it has none. Processes that join have the same, whatever their capabilities
 * are. The compiler and its tables of system calls are loaded only when there is one.
 *
 * @throws {ContainerError} ConfigInvalid, naming the field.
 */
export async function filterOf(config: Config): Promise<ContainerFilter | undefined> {
  const { seccomp } = config;
  if (seccomp === undefined) return undefined;
  const library = await import('@nsinit/seccomp');
  const parsed = explained(library, () => readFilter(library, config));
  const filter = withField(parsed.filter);
  return {
    ...parsed,
    filter,
    notifies: library.notifies(filter),
    install: (b, socket) => explained(library, () => library.compileSeccomp(b, filter, { listener: socket })),
    listen: (fd) => new library.Listener(fd),
  };
}

type Library = typeof import('@nsinit/seccomp');

function readFilter(
  library: Library,
  config: Config,
): Pick<ContainerFilter, 'filter' | 'listenerPath' | 'listenerMetadata'> {
  const { seccomp } = config;
  const capabilities = capabilitySets(config.capabilities).bounding ?? [];
  const alone = { listenerPath: undefined, listenerMetadata: undefined };
  if (seccomp === 'default') return { filter: library.defaultProfile({ capabilities }), ...alone };
  if (typeof seccomp === 'string') return { filter: library.LEVELS[seccomp], ...alone };
  if (seccomp && isSeccompProfile(seccomp))
    return library.parseOciSeccomp(seccomp, { machine: hostArch(), capabilities, kernel: release() });
  return { filter: library.parseLegacySeccomp(seccomp), ...alone };
}

/** Rules say where in the configuration they come from. */
function withField(filter: Filter): Filter {
  const rules = filter.rules.map((rule, index) => ({ ...rule, field: `seccomp.${rule.field ?? `rules[${index}]`}` }));
  return { ...filter, rules };
}

/** Does something with a filter; what is wrong with it is told with its place in the configuration. */
export function explained<T>({ SeccompError }: Library, action: () => T): T {
  try {
    return action();
  } catch (error) {
    if (!(error instanceof SeccompError)) throw error;
    const field = /^seccomp\b/.test(error.field) ? error.field : ['seccomp', error.field].filter(Boolean).join('.');
    const message = error.message.slice(error.field ? error.field.length + 2 : 0);
    throw new ContainerError('ConfigInvalid', `${field}: ${message}`, { field, cause: error });
  }
}
