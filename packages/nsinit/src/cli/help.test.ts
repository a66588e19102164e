import { describe, expect, it } from 'vitest';
import { type Command, commandNames, commands } from './commands.ts';
import { containerFlags } from './container-flags.ts';
import type { Flag } from './flag.ts';
import { globalFlags, leadingFlags } from './global-flags.ts';
import { commandHelp, flagUsage, mainHelp, wrap } from './help.ts';
import { processFlags } from './process-flags.ts';

describe('help', () => {
  it('names every command and every leading flag', () => {
    const text = mainHelp();
    for (const name of commandNames) expect(text).toContain(`  ${name} `);
    for (const name of Object.keys(leadingFlags)) expect(text).toContain(`--${name}`);
  });

  it.each(commandNames)('of %s names every flag with its default', (name) => {
    const text = commandHelp(name).replace(/\s+/g, ' ');
    const command: Command = commands[name];
    for (const [flag, spec] of Object.entries<Flag>({ ...command.flags, ...globalFlags })) {
      expect(text).toContain(flagUsage(flag, spec).trim());
      if (spec.default !== undefined) expect(text).toContain(`(default: ${[spec.default].flat().join(', ')})`);
    }
  });

  it.each(commandNames)('of %s is no wider than 120 columns', (name) => {
    for (const line of `${commandHelp(name)}${mainHelp()}`.split('\n')) expect(line.length).toBeLessThanOrEqual(120);
  });

  it.each(commandNames)('of %s shows under its headings what is parsed', (name) => {
    const command: Command = commands[name];
    const shown = Object.values(command.groups).flatMap((group) => Object.keys(group));
    expect(shown.sort()).toEqual(Object.keys(command.flags).sort());
  });

  it('wraps at blanks and never inside of a word', () => {
    expect(wrap('a bb ccc dddd', 5)).toEqual(['a bb', 'ccc', 'dddd']);
    expect(wrap('longer-than-five x', 5)).toEqual(['longer-than-five', 'x']);
  });
});

describe('flags', () => {
  it('has those of the original nsinit with their defaults', () => {
    const names = 'apparmor-profile bind cgroup cpuset-cpus cpuset-mems cpushares groups hostname ipc memory-limit';
    const more = 'memory-swap memory-swappiness mnt mount-label net parent-death-signal pid process-label read-only';
    const rest = 'rootfs security sysctl tmpfs userns-root-uid uts veth-address veth-bridge veth-gateway veth-mtu';
    expect(Object.keys(containerFlags)).toEqual(expect.arrayContaining(`${names} ${more} ${rest}`.split(' ')));
    expect(containerFlags.hostname.default).toBe('nsinit');
    expect(Object.keys(processFlags).sort()).toEqual(['config', 'cwd', 'env', 'id', 'systemd', 'tty', 'user']);
    expect(processFlags.id.default).toBe('nsinit');
    expect(processFlags.user).toMatchObject({ short: 'u', default: 'root' });
    expect(processFlags.tty.short).toBe('t');
    expect(processFlags.env.default).toEqual([
      'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
      'HOSTNAME=nsinit',
      'TERM=xterm',
    ]);
    expect(globalFlags.root.default).toBe('/var/run/nsinit');
    expect(globalFlags.criu.default).toBe('criu');
  });

  it('means the same by a name wherever it stands, so that completion can go by the name', () => {
    const seen = new Map<string, unknown>();
    for (const name of commandNames) {
      for (const [flag, spec] of Object.entries({ ...commands[name].flags, ...leadingFlags })) {
        if (seen.has(flag)) expect(spec).toEqual(seen.get(flag));
        seen.set(flag, spec);
      }
    }
  });
});
