import { type Config, template } from '@nsinit/config';
import { describe, expect, it } from 'vitest';
import { Process } from '../process/process.ts';
import { settleConfinement } from './confinement.ts';
import { planStart } from './start.ts';

const config = (changes: Partial<Config>): Config => ({ ...template({ rootfs: '/' }), ...changes });
const label = 'system_u:system_r:container_t:s0:c1,c2';

describe('what confines a process', () => {
  it('is nothing by default', () => {
    expect(settleConfinement(config({}))).toEqual({ profile: undefined, label: undefined, landlock: undefined });
    expect(settleConfinement(config({ apparmorProfile: '', processLabel: '' }))).toMatchObject({ profile: undefined });
  });

  it('is a profile in place of another, or beside it', () => {
    expect(settleConfinement(config({ apparmorProfile: 'p' })).profile).toEqual({ name: 'p', stack: false });
    expect(settleConfinement(config({ apparmorProfile: '&p' })).profile).toEqual({ name: 'p', stack: true });
  });

  it.each<readonly [string, Partial<Config>]>([
    ['apparmorProfile', { apparmorProfile: '&' }],
    ['apparmorProfile', { apparmorProfile: 'a\nb' }],
    ['processLabel', { processLabel: 'nonsense' }],
    ['mountLabel', { mountLabel: 'a:b' }],
    ['landlock.paths[0].paths[0]', { landlock: { paths: [{ paths: [''], access: ['read'] }] } }],
    ['landlock', { landlock: {} }],
  ])('is refused by its field: %s of %j', (field, changes) => {
    expect(() => settleConfinement(config(changes))).toThrow(expect.objectContaining({ code: 'ConfigInvalid', field }));
  });
});

it('waits for exec, but for Landlock, which comes after all steps that open files and before the filter', async () => {
  const landlock = { mode: 'best_effort', abi: 1, paths: [{ paths: ['/'], access: ['read', 'execute'] }] } as const;
  const full = config({ apparmorProfile: 'p', processLabel: label, landlock, seccomp: 'low', noNewPrivileges: true });
  const steps = (await planStart(full, new Process({ args: ['/bin/true'] }))).map(({ text }) => text);
  const at = (part: string) => steps.findIndex((text) => text.includes(part));
  const order = [
    'attr/apparmor/exec"',
    '"thread-self/attr/exec", {flags=O_WRONLY',
    'landlock_create_ruleset(',
    'setresuid(',
    'PR_SET_NO_NEW_PRIVS',
    'landlock_restrict_self(',
    'seccomp(',
    'execve(',
  ].map(at);
  expect(order).not.toContain(-1);
  expect(order).toEqual([...order].sort((a, b) => a - b));
  const after = steps.slice(at('landlock_restrict_self('));
  expect(after.filter((text) => text.startsWith('open'))).toEqual([]);
});
