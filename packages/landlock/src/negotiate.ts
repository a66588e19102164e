import { landlockSupport, type Support } from './abi.ts';
import { LandlockError } from './error.ts';
import {
  ABI_KERNELS,
  FILE_RIGHT_GROUPS,
  FILE_RIGHTS,
  type FileRight,
  type FileRightGroup,
  LOG_FLAGS,
  type LogFlag,
  NEWEST_ABI,
  PORT_RIGHTS,
  type PortRight,
  SCOPES,
  type Scope,
} from './rights.ts';
import type { PathRule, PortRule, Ruleset } from './ruleset.ts';

/** Something that was asked for and that the kernel cannot enforce. */
export interface Unenforced {
  /** Where it was asked for: `handled_files`. */
  readonly field: string;
  /** The right, scope or flag. */
  readonly name: string;
  /** First version of Landlock that has it. */
  readonly abi: number;
  /** The kernel that came with that version: `6.2`. */
  readonly kernel: string;
}

/** A ruleset with nothing left open: exactly what will be in force. */
export interface Policy {
  /** Version of Landlock that it is made for; 0: there is none, and nothing is in force. */
  readonly abi: number;
  readonly handledFiles: readonly FileRight[];
  readonly handledPorts: readonly PortRight[];
  readonly paths: readonly (Pick<PathRule, 'paths' | 'optional'> & {
    readonly rights: readonly FileRight[];
    readonly field: string;
  })[];
  readonly ports: readonly { readonly port: number; readonly rights: readonly PortRight[]; readonly field: string }[];
  readonly scopes: readonly Scope[];
  readonly log: readonly LogFlag[];
  /** What a best effort leaves out; empty when all is enforced. */
  readonly unenforced: readonly Unenforced[];
}

/** What {@link negotiate} is given beside the ruleset. */
export interface NegotiateOptions {
  /** What the kernel has; undefined: it is asked. */
  readonly support?: Support;
}

/**
 * Decides what of a ruleset will be in force on a kernel.
 *
 * @throws {LandlockError} for a ruleset that makes no sense, and in strict mode for one that the kernel cannot enforce
 * in full.
 */
export function negotiate(ruleset: Ruleset, options: NegotiateOptions = {}): Policy {
  checkRuleset(ruleset);
  const support = options.support ?? landlockSupport();
  const abi = Math.min(support.abi, ruleset.abi ?? NEWEST_ABI, NEWEST_ABI);
  const files = ruleset.handledFiles ?? (ruleset.paths ? keysOf(FILE_RIGHTS) : []);
  const ports = ruleset.handledPorts ?? (ruleset.ports ? keysOf(PORT_RIGHTS) : []);
  const unenforced: Unenforced[] = [];
  const enforceable = <T extends string>(field: string, names: readonly T[], table: Readonly<Record<T, number>>) => {
    for (const name of names)
      if (table[name] > abi) unenforced.push({ field, name, abi: table[name], kernel: ABI_KERNELS[table[name] - 1]! });
    return names.filter((name) => table[name] <= abi);
  };
  const policy = {
    abi,
    handledFiles: enforceable('handled_files', files, FILE_RIGHTS),
    handledPorts: enforceable('handled_ports', ports, PORT_RIGHTS),
    scopes: enforceable('scopes', ruleset.scopes ?? [], SCOPES),
    log: enforceable('log', ruleset.log ?? [], LOG_FLAGS),
    unenforced,
  };
  if (unenforced.length > 0 && (ruleset.mode ?? 'strict') === 'strict') throw tooOld(unenforced, abi, support, ruleset);
  return {
    ...policy,
    paths: (ruleset.paths ?? []).flatMap(({ paths, access, optional = false }, index) => {
      const rights = rightsOf(access).filter((right) => policy.handledFiles.includes(right));
      return rights.length === 0 ? [] : [{ paths, optional, rights, field: `paths[${index}]` }];
    }),
    ports: (ruleset.ports ?? []).flatMap(({ port, access }, index) => {
      const rights = access.filter((right) => policy.handledPorts.includes(right));
      return rights.length === 0 ? [] : [{ port, rights, field: `ports[${index}]` }];
    }),
  };
}

/** What a policy leaves out, in words: `truncate (Linux 6.2)`; empty when it leaves out nothing. */
export function describeUnenforced({ unenforced }: Pick<Policy, 'unenforced'>): string {
  return unenforced.map(({ name, kernel }) => `${name} (Linux ${kernel})`).join(', ');
}

function tooOld(unenforced: readonly Unenforced[], abi: number, support: Support, ruleset: Ruleset): LandlockError {
  const { field } = unenforced[0]!;
  const hint = 'use a newer kernel, handle less, or set mode to best_effort';
  if (abi === 0 && support.abi === 0)
    return new LandlockError('', `it cannot be enforced: ${support.reason ?? 'there is no Landlock'}`, hint);
  const who = support.abi > abi && ruleset.abi !== undefined ? `with abi ${abi}` : `version ${abi} of this kernel`;
  return new LandlockError(
    field,
    `Landlock ${who} cannot enforce ${describeUnenforced({ unenforced })}`,
    support.abi > abi && ruleset.abi !== undefined ? 'raise abi, handle less, or set mode to best_effort' : hint,
  );
}

const keysOf = <T extends string>(table: Readonly<Record<T, unknown>>): readonly T[] => Object.keys(table) as T[];

function rightsOf(access: readonly (FileRight | FileRightGroup)[]): readonly FileRight[] {
  const given = new Set(
    access.flatMap((name): readonly FileRight[] => (isGroup(name) ? FILE_RIGHT_GROUPS[name] : [name])),
  );
  return keysOf(FILE_RIGHTS).filter((right) => given.has(right));
}

const isGroup = (name: string): name is FileRightGroup => Object.hasOwn(FILE_RIGHT_GROUPS, name);

function checkRuleset(ruleset: Ruleset): void {
  const {
    mode = 'strict',
    abi = NEWEST_ABI,
    handledFiles,
    handledPorts,
    paths,
    ports,
    scopes = [],
    log = [],
  } = ruleset;
  oneOf('mode', mode, ['strict', 'best_effort']);
  if (!Number.isInteger(abi) || abi < 1)
    throw new LandlockError('abi', `${abi} is no version of Landlock`, 'the first is 1');
  checkNames('handled_files', handledFiles ?? [], keysOf(FILE_RIGHTS));
  checkNames('handled_ports', handledPorts ?? [], keysOf(PORT_RIGHTS));
  checkNames('scopes', scopes, keysOf(SCOPES));
  checkNames('log', log, keysOf(LOG_FLAGS));
  for (const [index, rule] of (paths ?? []).entries()) checkPaths(`paths[${index}]`, rule, handledFiles);
  for (const [index, rule] of (ports ?? []).entries()) checkPort(`ports[${index}]`, rule, handledPorts);
  const handles = (handledFiles ?? paths) !== undefined && handledFiles?.length !== 0;
  const handlesPorts = (handledPorts ?? ports) !== undefined && handledPorts?.length !== 0;
  if (!handles && !handlesPorts && scopes.length === 0)
    throw new LandlockError('', 'the ruleset restricts nothing', 'give it paths, ports or scopes');
}

function checkPaths(field: string, { paths, access }: PathRule, handled: readonly FileRight[] | undefined): void {
  if (paths.length === 0) throw new LandlockError(`${field}.paths`, 'there is no path');
  paths.forEach((path, index) => {
    if (path === '' || path.includes('\0'))
      throw new LandlockError(`${field}.paths[${index}]`, `${JSON.stringify(path)} is no path`);
  });
  checkAccess(field, access, [...keysOf(FILE_RIGHTS), ...keysOf(FILE_RIGHT_GROUPS)], handled, 'handled_files');
}

function checkPort(field: string, { port, access }: PortRule, handled: readonly PortRight[] | undefined): void {
  if (!Number.isInteger(port) || port < 0 || port > 0xffff)
    throw new LandlockError(`${field}.port`, `${port} is no port`, 'use 0 to 65535');
  checkAccess(field, access, keysOf(PORT_RIGHTS), handled, 'handled_ports');
}

function checkAccess(
  field: string,
  access: readonly string[],
  known: readonly string[],
  handled: readonly string[] | undefined,
  list: string,
): void {
  if (access.length === 0)
    throw new LandlockError(`${field}.access`, 'there is no right', `use of ${known.join(', ')}`);
  checkNames(`${field}.access`, access, known);
  access.forEach((name, index) => {
    if (handled !== undefined && !isGroup(name) && !handled.includes(name))
      throw new LandlockError(
        `${field}.access[${index}]`,
        `${name} is not handled, so that everything has it`,
        `add it to ${list}`,
      );
  });
}

function checkNames(field: string, names: readonly string[], known: readonly string[]): void {
  for (const [index, name] of names.entries()) oneOf(`${field}[${index}]`, name, known);
}

function oneOf(field: string, name: string, known: readonly string[]): void {
  if (!known.includes(name))
    throw new LandlockError(field, `unknown name ${JSON.stringify(name)}`, `use one of ${known.join(', ')}`);
}
