import { expect, it } from 'vitest';
import { Group } from '../fs/group.ts';
import { deadline } from '../process/wait.ts';
import { fakeGroup, textOf } from '../testing/fake.ts';
import { freezeV1, thawV1, v1FreezerState } from './freezer.ts';

/** A group whose processes never stop: as long as it is to be frozen, it is on its way. */
class StubbornGroup extends Group {
  override write(file: string, data: string, field?: string): void {
    super.write(file, file === 'freezer.state' && data === 'FROZEN' ? 'FREEZING' : data, field);
  }
}

it('freezes and thaws', async () => {
  const group = fakeGroup({ 'freezer.state': 'THAWED' });
  await freezeV1(group, deadline(1000, undefined));
  expect(textOf(group, 'freezer.state')).toBe('FROZEN');
  thawV1(group);
  expect(textOf(group, 'freezer.state')).toBe('THAWED');
});

it('thaws groups below as well', () => {
  const group = fakeGroup({ 'freezer.state': 'FROZEN', 'a/freezer.state': 'THAWED', 'a/b/freezer.state': 'FROZEN' });
  thawV1(group);
  expect(textOf(group, 'a/b/freezer.state')).toBe('THAWED');
});

it('refuses a state that is none', () => {
  expect(() => v1FreezerState(fakeGroup({ 'freezer.state': 'Invalid' }))).toThrow('is not FROZEN, FREEZING or THAWED');
});

it('gives up in time, and leaves nothing frozen', async () => {
  const group = new StubbornGroup(fakeGroup({ 'freezer.state': 'THAWED', 'cgroup.procs': `${process.pid}\n` }).path);
  const error: unknown = await freezeV1(group, deadline(50, undefined)).catch((reason: unknown) => reason);
  expect(error).toMatchObject({ code: 'ERR_CGROUP_TIMEOUT' });
  expect(String(error)).toContain(`${process.pid} (`);
  expect(textOf(group, 'freezer.state')).toBe('THAWED');
});

it('can be aborted, and leaves nothing frozen', async () => {
  const group = new StubbornGroup(fakeGroup({ 'freezer.state': 'THAWED' }).path);
  const abort = new AbortController();
  const freezing = freezeV1(group, deadline(60_000, abort.signal));
  const reason = new Error('enough');
  abort.abort(reason);
  await expect(freezing).rejects.toBe(reason);
  expect(textOf(group, 'freezer.state')).toBe('THAWED');
});
