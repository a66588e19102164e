import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createManager } from '../create.ts';
import type { Manager } from '../manager.ts';
import type { Resources } from '../resources.ts';
import { testName, WaitingShell } from '../testing/host.ts';
import { annotationProperties } from './annotations.ts';

function show(unit: string, ...properties: readonly string[]): Readonly<Record<string, string>> {
  const text = execFileSync('systemctl', ['show', unit, ...properties.map((name) => `--property=${name}`)], {
    encoding: 'utf8',
  });
  return Object.fromEntries(
    text
      .trim()
      .split('\n')
      .map((line) => line.split(/=(.*)/s) as [string, string]),
  );
}

const failedScopes = () =>
  execFileSync('systemctl', ['list-units', '--failed', '--all', '--no-legend', '*.scope'], { encoding: 'utf8' });

function readIn(manager: Manager, file: string): string {
  return readFileSync(`${manager.paths()['']}/${file}`, 'utf8').trim();
}

async function scope(resources: Resources, name = testName()): Promise<readonly [Manager, string]> {
  const manager = await createManager({ driver: 'systemd', parent: 'vm', name, resources });
  return [manager, `vm-${name}.scope`];
}

async function clean(manager: Manager): Promise<void> {
  await manager.kill();
  await manager.destroy();
}

const nullDevice = { type: 'c', major: 1, minor: 3, permissions: 'rwm' } as const;
const zeroDevice = { ...nullDevice, minor: 5 } as const;
const script = 'for d in null zero full; do (: <"/dev/$d") 2>&- && echo "$d"; done; :';

describe('a scope', () => {
  it('has its limits as properties and in files, and keeps them when systemd reloads', async () => {
    const [manager, unit] = await scope({
      memory: 64 << 20,
      memorySwap: 80 << 20,
      memoryReservation: 32 << 20,
      cpuShares: 512,
      cpuQuota: 50_000,
      cpuPeriod: 100_000,
      cpusetCpus: '0',
      pidsLimit: 30,
      allowAllDevices: false,
      allowedDevices: [nullDevice],
      unified: { 'memory.high': '50331648' },
    });
    await using shell = new WaitingShell(script);
    try {
      expect(await manager.prepare()).toEqual({ directory: undefined, mustApply: true });
      await manager.apply(shell.pid);
      expect(manager.pids()).toEqual([shell.pid]);
      const told = show(
        unit,
        ...['Slice', 'Delegate', 'DefaultDependencies', 'MemoryMax', 'MemorySwapMax', 'MemoryLow', 'MemoryHigh'],
        ...['CPUWeight', 'CPUQuotaPerSecUSec', 'AllowedCPUs', 'TasksMax', 'DevicePolicy', 'DeviceAllow'],
      );
      expect(told).toEqual({
        Slice: 'system.slice',
        Delegate: 'yes',
        DefaultDependencies: 'no',
        MemoryMax: String(64 << 20),
        MemorySwapMax: String(16 << 20),
        MemoryLow: String(32 << 20),
        MemoryHigh: String(48 << 20),
        CPUWeight: '59',
        CPUQuotaPerSecUSec: '500ms',
        AllowedCPUs: '0',
        TasksMax: '30',
        DevicePolicy: 'strict',
        DeviceAllow: '/dev/char/1:3 rwm',
      });
      const files = [
        'memory.max',
        'memory.swap.max',
        'memory.low',
        'memory.high',
        'cpu.weight',
        'cpu.max',
        'cpuset.cpus',
        'pids.max',
      ];
      const before = files.map((file) => readIn(manager, file));
      expect(before).toEqual(['67108864', '16777216', '33554432', '50331648', '59', '50000 100000', '0', '30']);
      execFileSync('systemctl', ['daemon-reload']);
      expect(files.map((file) => readIn(manager, file))).toEqual(before);
      shell.go();
      expect(await shell.ended).toBe(0);
      expect(shell.output).toBe('null\n');
    } finally {
      await clean(manager);
    }
    expect(show(unit, 'LoadState')).toEqual({ LoadState: 'not-found' });
    expect(manager.exists()).toBe(false);
  });

  it.each<readonly [what: string, resources: Resources, opened: string]>([
    ['denied devices', { allowAllDevices: true, deniedDevices: [zeroDevice] }, 'null\nfull\n'],
    ['wildcards', { allowAllDevices: false, allowedDevices: [{ ...nullDevice, minor: -1 }] }, 'null\nzero\nfull\n'],
    ['no device at all', { allowAllDevices: false }, ''],
  ])(
    'keeps its rules for devices when systemd reloads, and reads its own state again: %s',
    async (_, rules, opened) => {
      const [manager] = await scope(rules);
      await using shell = new WaitingShell(`${script}; echo one; read _; ${script}; echo two; read _; ${script}`);
      try {
        await manager.apply(shell.pid);
        execFileSync('systemctl', ['daemon-reload']);
        shell.next();
        await shell.printed('one\n');
        expect(shell.output).toBe(`${opened}one\n`);
        // As an update of systemd does: the new one takes over what the old one has written down.
        execFileSync('systemctl', ['daemon-reexec']);
        shell.next();
        await shell.printed('two\n');
        expect(shell.output).toBe(`${opened}one\n${opened}two\n`);
        await manager.set({ allowAllDevices: false, allowedDevices: [zeroDevice] });
        execFileSync('systemctl', ['daemon-reload']);
        shell.go();
        expect(await shell.ended).toBe(0);
        expect(shell.output).toBe(`${opened}one\n${opened}two\nzero\n`);
      } finally {
        await clean(manager);
      }
    },
  );

  it('is changed while it is in use, in systemd and in the kernel', async () => {
    const [manager, unit] = await scope({ memory: 64 << 20, pidsLimit: 30 });
    await using shell = new WaitingShell('true');
    try {
      await manager.apply(shell.pid);
      await manager.set({ memory: 128 << 20 });
      expect(show(unit, 'MemoryMax')).toEqual({ MemoryMax: String(128 << 20) });
      expect(readIn(manager, 'memory.max')).toBe(String(128 << 20));
      const bad = { memory: 32 << 20, cpuShares: 100, unified: { 'memory.oom.group': 'x' } };
      await expect(manager.set(bad)).rejects.toThrow('memory.oom.group');
      expect(show(unit, 'MemoryMax')).toEqual({ MemoryMax: String(128 << 20) });
      expect(readIn(manager, 'memory.max')).toBe(String(128 << 20));
    } finally {
      await clean(manager);
    }
  });

  it('can be frozen, found again by its paths, thawed and killed', async () => {
    const name = testName();
    const [manager, unit] = await scope({}, name);
    await using shell = new WaitingShell('true');
    await manager.apply(shell.pid);
    await manager.freeze();
    const again = await createManager({ driver: 'systemd', parent: 'vm', name, paths: manager.paths() });
    expect(again.state()).toBe('FROZEN');
    await clean(again);
    expect(await shell.ended).toBe('SIGKILL');
    expect(show(unit, 'LoadState')).toEqual({ LoadState: 'not-found' });
  });

  it('tells when processes are killed for want of memory', async () => {
    const [manager] = await scope({ memory: 16 << 20, memorySwap: 16 << 20 });
    await using shell = new WaitingShell('exec head -c 200M /dev/zero | tail >/dev/null');
    try {
      await manager.apply(shell.pid);
      const events = manager.oomEvents();
      shell.go();
      expect((await events.next()).value.count).toBeGreaterThan(0n);
      await events.return?.();
    } finally {
      await clean(manager);
    }
  });

  it('leaves no failed unit behind, however often it is killed', async () => {
    const name = testName();
    for (let round = 0; round < 10; round += 1) {
      const [manager] = await scope({ memory: 32 << 20 }, name);
      await using shell = new WaitingShell('true');
      await manager.apply(shell.pid);
      await clean(manager);
    }
    expect(failedScopes()).toBe('');
  });

  it('refuses shares that the kernel would only pretend to take', async () => {
    const [manager] = await scope({ cpuShares: 1 });
    await expect(manager.prepare()).rejects.toThrow('the minimum allowed cpu-shares is 2');
  });

  it('starts where kernel memory is limited', async () => {
    const [manager] = await scope({ kernelMemory: 52428800 });
    await using shell = new WaitingShell('echo ran');
    await manager.apply(shell.pid);
    shell.go();
    expect(await shell.ended).toBe(0);
    await clean(manager);
  });

  it('takes further properties', async () => {
    const name = testName();
    const properties = annotationProperties({ 'org.systemd.property.TimeoutStopSec': '7' });
    const manager = await createManager({ driver: 'systemd', name, systemd: { properties, slice: 'machine.slice' } });
    await using shell = new WaitingShell('true');
    await manager.apply(shell.pid);
    expect(show(`${name}.scope`, 'TimeoutStopUSec', 'Slice')).toEqual({
      TimeoutStopUSec: '7s',
      Slice: 'machine.slice',
    });
    await clean(manager);
  });
});

it('is the driver of choice where systemd owns the tree', async () => {
  const manager = await createManager({ driver: 'auto', name: testName() });
  expect(manager.driver).toBe('systemd');
});

describe('a user', () => {
  const user = 'nsinit-vm-user';
  const library = fileURLToPath(new URL('../../dist/index.js', import.meta.url));

  function asUser(code: string, environment: Readonly<Record<string, string>>, by: readonly string[] = []) {
    const source = `import { spawn } from 'node:child_process';
      import { readFileSync } from 'node:fs';
      import { createManager } from ${JSON.stringify(library)};
      const child = spawn('sleep', ['100']);
      try { ${code} } catch (error) { console.log('ERROR', error.stack); } finally { child.kill('SIGKILL'); }`;
    return spawnSync(
      'setpriv',
      [
        `--reuid=${uid}`,
        `--regid=${uid}`,
        '--clear-groups',
        ...by,
        process.execPath,
        '--input-type=module',
        '-e',
        source,
      ],
      { encoding: 'utf8', cwd: '/', env: { PATH: process.env['PATH'], HOME: '/tmp', ...environment } },
    );
  }

  const limited = `const manager = await createManager({ driver: 'systemd', name: 'limited', resources: { memory: 64 << 20, pidsLimit: 9 } });
    await manager.apply(child.pid);
    console.log(readFileSync(manager.paths()[''] + '/memory.max', 'utf8').trim(), readFileSync('/proc/' + child.pid + '/cgroup', 'utf8').trim());
    await manager.freeze(); console.log(manager.state()); await manager.thaw();
    await manager.kill(); await manager.destroy(); console.log('done', manager.exists());`;

  let uid = '';

  beforeAll(() => {
    execFileSync('useradd', ['--create-home', user]);
    uid = execFileSync('id', ['-u', user], { encoding: 'utf8' }).trim();
    execFileSync('loginctl', ['enable-linger', user]);
    execFileSync('systemctl', ['start', `user@${uid}.service`]);
  });

  afterAll(() => {
    execFileSync('loginctl', ['disable-linger', user]);
    execFileSync('systemctl', ['stop', `user@${uid}.service`, `user-runtime-dir@${uid}.service`]);
    execFileSync('userdel', ['--remove', user], { stdio: 'ignore' });
  });

  it('with a manager of its own has limits without root', () => {
    const result = asUser(limited, { XDG_RUNTIME_DIR: `/run/user/${uid}` });
    expect(result.stderr).toBe('');
    const [first = '', second, third] = result.stdout.trim().split('\n');
    expect(first).toMatch(
      new RegExp(`^67108864 0::/user\\.slice/user-${uid}\\.slice/user@${uid}\\.service/.*limited\\.scope$`),
    );
    expect([second, third]).toEqual(['FROZEN', 'done false']);
  });

  it('is told what to do when a controller was not given to it', () => {
    const result = asUser(
      `const manager = await createManager({ driver: 'systemd', name: 'disk', resources: { blkioThrottleReadBpsDevice: '254:0 1048576' } });
       await manager.apply(child.pid);`,
      { XDG_RUNTIME_DIR: `/run/user/${uid}` },
    );
    expect(result.stdout).toMatch(
      /^ERROR CgroupError: blkioThrottleReadBpsDevice: .*\+io.*\[Service\] Delegate=.* io .*user@\.service\.d/,
    );
  });

  it('inside a scope that is delegated has limits by the files alone', () => {
    const result = asUser(
      `const manager = await createManager({ path: 'mine', resources: { pidsLimit: 7 } });
       await manager.apply(child.pid);
       console.log(readFileSync(manager.paths()[''] + '/pids.max', 'utf8').trim());
       await manager.kill(); await manager.destroy(); console.log(manager.exists());`,
      { XDG_RUNTIME_DIR: `/run/user/${uid}` },
      ['systemd-run', '--user', '--scope', '--quiet', '-p', 'Delegate=yes'],
    );
    expect(result.stderr).toBe('');
    expect(result.stdout).toBe('7\nfalse\n');
  });

  it('without a bus stays where it is when nothing is asked for, and is told what to do when something is', () => {
    const environment = { DBUS_SESSION_BUS_ADDRESS: 'unix:path=/nowhere/bus' };
    const quiet = asUser(
      `const manager = await createManager({ driver: 'systemd', name: 'quiet' });
       const before = readFileSync('/proc/' + child.pid + '/cgroup', 'utf8');
       await manager.apply(child.pid);
       console.log(before === readFileSync('/proc/' + child.pid + '/cgroup', 'utf8'), JSON.stringify(manager.paths()));`,
      environment,
    );
    expect(quiet.stdout).toBe('true {}\n');
    expect(asUser(limited, environment).stdout).toMatch(/^ERROR .*no bus at \/nowhere\/bus.*loginctl enable-linger/);
  });

  it('without the right to make groups is treated likewise by the files alone', () => {
    const stays = asUser(
      `const manager = await createManager({ path: '/mine' });
       await manager.apply(child.pid); console.log(JSON.stringify(manager.paths()), manager.exists());`,
      {},
    );
    expect(stays.stdout).toBe('{} false\n');
    const refused = asUser(
      `const manager = await createManager({ path: '/mine', resources: { pidsLimit: 5 } }); await manager.prepare();`,
      {},
    );
    expect(refused.stdout).toMatch(/^ERROR .*no right to limit pids.*EACCES.*Delegate=yes/);
  });
});
