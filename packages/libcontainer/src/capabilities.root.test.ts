import type { Capabilities } from '@nsinit/config';
import { describe, expect, it } from 'vitest';
import { exec, failure, start, useSandbox } from './testing/sandbox.ts';

const box = useSandbox();

/** The capability masks of a status file, by name. */
function masks(status: string): Readonly<Record<string, bigint>> {
  return Object.fromEntries(
    [...status.matchAll(/^Cap(\w+):\t([0-9a-f]+)$/gm)].map(([, name, hex]) => [name!, BigInt(`0x${hex!}`)]),
  );
}

const bit = (number: number) => 1n << BigInt(number);
const [chown, kill, netAdmin, setpcap] = [bit(0), bit(5), bit(12), bit(8)];

const status = async (capabilities: Capabilities | undefined, user = '') =>
  masks(
    (
      await box().runContainer(box().config({ capabilities: capabilities ?? [] }), ['cat', '/proc/self/status'], {
        process: { user },
      })
    ).stdout,
  );

describe('capabilities', () => {
  it('are those of the template, none inheritable and none ambient', async () => {
    const { stdout } = await box().runContainer(box().config(), ['cat', '/proc/self/status']);
    const template = 0xa80425fbn;
    expect(masks(stdout)).toEqual({ Inh: 0n, Prm: template, Eff: template, Bnd: template, Amb: 0n });
  });

  it('are extended by those of the process', async () => {
    const config = box().config();
    const capabilities = [...(config.capabilities as readonly string[]), 'CAP_NET_ADMIN'];
    const { stdout } = await box().runContainer(config, ['cat', '/proc/self/status'], { process: { capabilities } });
    expect(masks(stdout)['Eff']! & netAdmin).toBe(netAdmin);
  });

  it('are none when the list is empty', async () => {
    expect(await status([])).toEqual({ Inh: 0n, Prm: 0n, Eff: 0n, Bnd: 0n, Amb: 0n });
  });

  it('are bounds only for a user that is not root', async () => {
    expect(await status(['KILL', 'cap_chown'], '1000')).toEqual({
      Inh: 0n,
      Prm: 0n,
      Eff: 0n,
      Bnd: chown | kill,
      Amb: 0n,
    });
  });

  it('are five sets when they are given so, ambient ones kept by a user', async () => {
    const sets = {
      bounding: ['KILL', 'CHOWN'],
      permitted: ['KILL'],
      effective: ['KILL'],
      inheritable: ['KILL'],
      ambient: ['KILL'],
    };
    expect(await status(sets, '1000')).toEqual({ Inh: kill, Prm: kill, Eff: kill, Bnd: kill | chown, Amb: kill });
  });

  it('are what the kernel acts upon', async () => {
    const script = 'chown 1 /tmp/owned 2>/dev/null && echo changed || echo refused';
    const run = (capabilities: readonly string[]) =>
      box().shell(`touch /tmp/owned; ${script}`, box().config({ capabilities }));
    expect(await run(['CHOWN', 'DAC_OVERRIDE'])).toBe('changed\n');
    expect(await run(['DAC_OVERRIDE'])).toBe('refused\n');
    expect(await box().shell('hostname changed 2>/dev/null || echo refused')).toBe('refused\n');
  });

  it('are the same for a process that joins', async () => {
    await box().using(box().config({ capabilities: ['KILL', 'SETPCAP'] }), async (container) => {
      const init = await start(container, ['sleep', '100']);
      const joined = masks((await exec(container, ['cat', '/proc/self/status'])).stdout);
      expect(joined).toEqual({ Inh: 0n, Prm: kill | setpcap, Eff: kill | setpcap, Bnd: kill | setpcap, Amb: 0n });
      const own = await exec(container, ['cat', '/proc/self/status'], { process: { capabilities: ['CHOWN'] } });
      expect(masks(own.stdout)['Eff']).toBe(chown);
      init.process.signal('SIGKILL');
    });
  });

  it('are refused when the kernel does not know them, with a suggestion', async () => {
    const error = await failure(box().runContainer(box().config({ capabilities: ['NET_ADMINN'] }), ['true']));
    expect(error).toMatchObject({ code: 'ConfigInvalid' });
    expect(error.field).toMatch(/^capabilities/);
    expect(error.message).toMatch(/NET_ADMINN.*NET_ADMIN/);
  });
});
