import { AT_FDCWD, type Cell, constant, type FdArg, type ProgramBuilder, sizeOf } from '@nsinit/syscall';
import { describeUnenforced, type NegotiateOptions, negotiate, type Policy } from './negotiate.ts';
import { bits, type FileRight, RIGHTS_OF_FILES } from './rights.ts';
import type { Ruleset } from './ruleset.ts';

/** What {@link compileRuleset} is given beside the policy. */
export interface RulesetOptions {
  /** The configuration's field, for the printed program; undefined: `landlock`. */
  readonly field?: string;
}

/**
 * Makes the ruleset of a policy. Its files are opened here, by the rights of this moment; nothing is in force yet.
 *
 * @returns a descriptor for {@link compileRestrict}, which closes on execve; undefined when the policy restricts nothing
 * because the kernel has no Landlock.
 */
export function compileRuleset(
  b: ProgramBuilder,
  policy: Policy,
  options: RulesetOptions = {},
): Cell<'fd'> | undefined {
  const { field = 'landlock' } = options;
  const handled_access_fs = bits.file(policy.handledFiles);
  const handled_access_net = bits.port(policy.handledPorts);
  const scoped = bits.scope(policy.scopes);
  if (handled_access_fs + handled_access_net + scoped === 0) return undefined;
  const left = describeUnenforced(policy);
  return b.because({ field }, () => {
    const ruleset = b.call(
      'landlock_create_ruleset',
      {
        attr: b.struct('landlock_ruleset_attr', { handled_access_fs, handled_access_net, scoped }),
        size: sizeOf('landlock_ruleset_attr'),
        flags: [],
      },
      { what: `${handles(policy)} (version ${policy.abi}${left ? `; not enforced: ${left}` : ''})`, as: 'ruleset' },
    );
    for (const rule of policy.paths)
      for (const [index, path] of rule.paths.entries())
        allowPath(b, ruleset, path, rule.rights, rule.optional ?? false, `${field}.${rule.field}.paths[${index}]`);
    for (const { port, rights, field: place } of policy.ports)
      b.call(
        'landlock_add_rule',
        {
          ruleset_fd: ruleset,
          rule_type: 'LANDLOCK_RULE_NET_PORT',
          rule_attr: b.struct('landlock_net_port_attr', { allowed_access: bits.port(rights), port }),
        },
        { what: `allow ${rights.join(', ')} of port ${port}`, field: `${field}.${place}` },
      );
    return ruleset;
  });
}

/**
 * Puts a ruleset into force, for this thread and what it starts, for good. The process must have no_new_privs, or
 * CAP_SYS_ADMIN in its user namespace. landlock_restrict_self(2)
 */
export function compileRestrict(b: ProgramBuilder, policy: Policy, ruleset: FdArg, options: RulesetOptions = {}): void {
  b.call(
    'landlock_restrict_self',
    { ruleset_fd: ruleset, flags: bits.log(policy.log) },
    { what: 'give up what the ruleset does not allow', field: options.field ?? 'landlock' },
  );
}

/**
 * Restricts the process that runs the program, and sets no_new_privs for it, so that no privilege is needed. Undefined
 * parts of the ruleset are decided now, by the kernel that is asked.
 *
 * @returns what will be in force, and what a best effort leaves out.
 * @throws {LandlockError} as {@link negotiate} does.
 */
export function compileLandlock(
  b: ProgramBuilder,
  ruleset: Ruleset,
  options: NegotiateOptions & RulesetOptions = {},
): Policy {
  const policy = negotiate(ruleset, options);
  const fd = compileRuleset(b, policy, options);
  if (fd) {
    b.call(
      'prctl',
      { op: 'PR_SET_NO_NEW_PRIVS', arg2: 1 },
      { what: 'gain no privileges by exec', field: options.field ?? 'landlock' },
    );
    compileRestrict(b, policy, fd, options);
    b.call('close', { fd });
  }
  return policy;
}

function handles({ handledFiles, handledPorts, scopes }: Policy): string {
  const parts = [
    handledFiles.length > 0 ? `${handledFiles.length} rights on files` : '',
    handledPorts.length > 0 ? `${handledPorts.join(', ')}` : '',
    scopes.length > 0 ? `${scopes.join(', ')} outside` : '',
  ];
  return `make a ruleset for ${parts.filter(Boolean).join('; ')}`;
}

const S_IFMT = 0o170000;

/** A file that is no directory cannot be given rights on what is in one (EINVAL). */
function allowPath(
  b: ProgramBuilder,
  ruleset: Cell<'fd'>,
  path: string,
  rights: readonly FileRight[],
  optional: boolean,
  field: string,
): void {
  const forFiles = rights.filter((right) => RIGHTS_OF_FILES.includes(right));
  const done = b.label('allowed');
  b.because({ field, what: `allow ${rights.join(', ')} below ${path}` }, () => {
    const fd = b.call(
      'openat',
      { dirfd: AT_FDCWD, pathname: path, flags: ['O_PATH', 'O_CLOEXEC'] },
      { as: path, ...(optional ? { on: { ENOENT: done } } : {}) },
    );
    if (forFiles.length < rights.length) {
      const directory = b.label('directory');
      const added = b.label('added');
      const statxbuf = b.out('statx');
      b.call('statx', { dirfd: fd, pathname: '', flags: ['AT_EMPTY_PATH'], mask: ['STATX_TYPE'], statxbuf });
      const mode = statxbuf.field('statx', 'stx_mode');
      b.branch(mode, '==', constant('file_type', 'S_IFDIR'), directory, { mask: S_IFMT });
      if (forFiles.length > 0) addRule(b, ruleset, fd, forFiles);
      b.jump(added);
      b.place(directory);
      addRule(b, ruleset, fd, rights);
      b.place(added);
    } else addRule(b, ruleset, fd, rights);
    b.call('close', { fd });
  });
  b.place(done);
}

function addRule(b: ProgramBuilder, ruleset: Cell<'fd'>, fd: Cell<'fd'>, rights: readonly FileRight[]): void {
  const rule = b.struct('landlock_path_beneath_attr', { allowed_access: bits.file(rights) });
  b.assign(rule.field<'landlock_path_beneath_attr', 'fd'>('landlock_path_beneath_attr', 'parent_fd'), fd);
  b.call('landlock_add_rule', { ruleset_fd: ruleset, rule_type: 'LANDLOCK_RULE_PATH_BENEATH', rule_attr: rule });
}
