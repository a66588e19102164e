import { readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import type { Config } from '@nsinit/config';
import { mapRange, type NamespaceKind, namespaceKinds } from '@nsinit/namespaces';
import { describe, expect, it } from 'vitest';
import { failure, inUserNamespace, type Running, start, useSandbox } from './testing/sandbox.ts';

const box = useSandbox();

const hostLink = (kind: NamespaceKind) => readlinkSync(`/proc/self/ns/${namespaceKinds[kind].file}`);

/** The namespace that a container's first process sees itself in. */
const linkInside = async (kind: NamespaceKind, config: Config) =>
  (await box().shell(`readlink /proc/self/ns/${namespaceKinds[kind].file}`, config)).trim();

const withPath = (kind: NamespaceKind, path: string): Config => {
  const config = box().configWithout(kind);
  return { ...config, namespaces: [...config.namespaces!, { type: kind, path }] };
};

describe('a namespace of the configuration', () => {
  it.for(['NEWIPC', 'NEWPID', 'NEWUTS', 'NEWNET', 'NEWNS'] as const)('%s is the container\u2019s own', async (kind) => {
    expect(await linkInside(kind, box().config())).not.toBe(hostLink(kind));
  });

  it.for(['NEWCGROUP', 'NEWTIME'] as const)('%s is made when it is asked for', async (kind) => {
    expect(await linkInside(kind, box().config())).toBe(hostLink(kind));
    const { namespaces = [] } = box().config();
    expect(await linkInside(kind, box().config({ namespaces: [...namespaces, { type: kind }] }))).not.toBe(
      hostLink(kind),
    );
  });

  it.for(['NEWIPC', 'NEWPID', 'NEWUTS', 'NEWNET'] as const)(
    '%s is the host\u2019s when it is left out',
    async (kind) => {
      const config = { ...box().configWithout(kind), networks: [] };
      const { hostname: _, ...unnamed } = config;
      // sysfs can only be mounted by who owns the network namespace; mqueue follows the IPC namespace.
      expect(await linkInside(kind, kind === 'NEWUTS' ? unnamed : config)).toBe(hostLink(kind));
    },
  );

  it('is joined by path', async () => {
    expect(await linkInside('NEWIPC', withPath('NEWIPC', `/proc/${process.pid}/ns/ipc`))).toBe(hostLink('NEWIPC'));
  });

  it('is the field of the error when its path does not exist', async () => {
    const error = await failure(box().runContainer(withPath('NEWIPC', '/proc/1/ns/ipcc'), ['true']));
    expect(error).toMatchObject({ name: 'ContainerError' });
    expect(error.message).toContain('/proc/1/ns/ipcc');
    expect(error.detail()).toMatch(/namespaces\[\d\]/);
  });

  it('is the field of the error when its path is of another kind or no namespace', async () => {
    for (const path of [`/proc/${process.pid}/ns/uts`, '/etc/passwd']) {
      const error = await failure(box().runContainer(withPath('NEWIPC', path), ['true']));
      expect(error.detail()).toMatch(/namespaces\[\d\]/);
      expect(error.message).toContain(path);
    }
  });
});

describe('the namespaces of a running container', () => {
  /** Kinds with those that cannot be joined without: a pid namespace lies in the user namespace that owns it. */
  const all = ['NEWNS', 'NEWUTS', 'NEWIPC', 'NEWPID', 'NEWNET', 'NEWCGROUP', 'NEWTIME'] as const;

  const configWithAll = (extra: Partial<Config> = {}) =>
    box().config({ namespaces: all.map((type) => ({ type })), hostname: 'first', ...extra });

  /** Another container that joins some namespaces of the first, and has the others for itself. */
  const joining = (pid: number, kinds: readonly NamespaceKind[]): Config => ({
    ...configWithAll({ hostname: '' }),
    networks: kinds.includes('NEWNET') ? [] : box().config().networks!,
    namespaces: all.map((type) =>
      kinds.includes(type) ? { type, path: `/proc/${pid}/ns/${namespaceKinds[type].file}` } : { type },
    ),
  });

  const withOwner = 'in a user namespace: the one that owns it is joined as well, which is a test of its own';

  it.for(all)('%s is joined by the first process of another container', async (kind, { skip }) => {
    skip(inUserNamespace, withOwner);
    await box().using(configWithAll(), async (first) => {
      const init = await start(first, ['sleep', '100']);
      const link = ({ process }: Running, name: NamespaceKind) =>
        readlinkSync(`/proc/${process.pid()}/ns/${namespaceKinds[name].file}`);
      await box().using(joining(init.process.pid(), [kind]), async (second) => {
        const joined = await start(second, ['sleep', '100']);
        expect(all.filter((name) => link(joined, name) === link(init, name))).toEqual([kind]);
      });
    });
  });

  it('are joined all at once', async ({ skip }) => {
    skip(inUserNamespace, withOwner);
    await box().using(configWithAll(), async (first) => {
      const init = await start(first, ['sleep', '100']);
      const script = 'hostname; ps -o args; echo $$';
      const output = await box().shell(script, joining(init.process.pid(), all));
      expect(output).toMatch(/^first\nCOMMAND\nsleep 100\n/);
      expect(output).not.toMatch(/\n1\n$/);
    });
  });

  it('are joined together with the user namespace that owns them', async () => {
    const namespaces = [...all, 'NEWUSER' as const].map((type) => ({ type }));
    const mapped = { ...box().mapped([mapRange(0, 1000, 100)]), namespaces, hostname: 'first' };
    await box().using(mapped, async (first) => {
      const init = await start(first, ['sleep', '100']);
      const path = (type: NamespaceKind) => `/proc/${init.process.pid()}/ns/${namespaceKinds[type].file}`;
      // A user namespace that is joined has its maps.
      const { uidMappings: _u, gidMappings: _g, idmapRootfs: _i, ...config } = joining(init.process.pid(), all);
      const joins = namespaces.map(({ type }) => ({ type, path: path(type) }));
      const script = 'hostname; id -u; cat /proc/self/uid_map; readlink /proc/self/ns/user';
      const user = readlinkSync(path('NEWUSER'));
      expect(await box().shell(script, { ...config, namespaces: joins })).toMatch(
        new RegExp(`^first\\n0\\n +0 +1000 +100\\n${user.replaceAll(/[[\]]/g, '\\$&')}\\n$`),
      );
      // The host's network and a new UTS namespace beside the joined user namespace.
      const mixed = {
        ...config,
        namespaces: [
          { type: 'NEWUSER', path: path('NEWUSER') },
          { type: 'NEWUTS' },
          { type: 'NEWNS', path: path('NEWNS') },
          { type: 'NEWPID', path: path('NEWPID') },
        ] as const,
      };
      expect(await box().shell('hostname; id -u; readlink /proc/self/ns/net', mixed)).toBe(
        `${hostname()}\n0\n${hostLink('NEWNET')}\n`,
      );
    });
  });
});
