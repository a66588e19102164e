import { chownSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { until } from '../testing/box.ts';
import { finished } from '../testing/cli.ts';
import { useBox } from '../testing/use-box.ts';

const UID = 1000;

const { cli, box } = useBox({
  prepare: ({ work, rootfs }) => {
    for (const dir of [work, rootfs, join(rootfs, 'tmp')]) chownSync(dir, UID, UID);
    for (const name of ['dev', 'proc', 'sys']) mkdirSync(join(rootfs, name));
    for (const owner of [0, 500, 70_000]) {
      writeFileSync(join(rootfs, `tmp/of-${owner}`), '');
      chownSync(join(rootfs, `tmp/of-${owner}`), owner, owner);
    }
  },
});

const exec = (script: string, ...flags: readonly string[]) =>
  cli().run(box().exec(`--userns-root-uid=${UID}`, ...flags, '/bin/sh', '-c', script), { cwd: box().rootfs });

it('maps root to the user, that user to nobody, and everybody else to themselves', async () => {
  const { status, stdout, stderr } = await exec('id -u; id -g; cat /proc/self/uid_map /proc/self/gid_map');
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  const map = ' 0 1000 1\n 1 1 999\n 1001 1001 2147482647\n';
  expect(stdout.replaceAll(/ +/g, ' ')).toBe(`0\n0\n${map}${map}`);
});

it('makes files of its root belong to the user, and shows who owns the others', async () => {
  const { stdout, stderr } = await exec(
    'echo x > /tmp/mine; ls -ln /tmp | while read a b uid gid e; do echo $uid $gid; done',
  );
  expect(stderr).toBe('');
  // mine, of-0, of-500 and of-70000, behind a heading that has no owner.
  expect(stdout.trim().split('\n')).toEqual(['0 0', '65534 65534', '500 500', '70000 70000']);
  expect(statSync(join(box().rootfs, 'tmp/mine'))).toMatchObject({ uid: UID, gid: UID });
});

it('has the devices of the host, which work, and a process that joins is the same root', async () => {
  const child = cli().start(box().exec(`--userns-root-uid=${UID}`, '/bin/sh', '-c', 'echo up; exec sleep 1000'), {
    cwd: box().rootfs,
  });
  let up = false;
  child.stdout!.on('data', () => {
    up = true;
  });
  const ended = finished(child);
  await until(() => up || child.exitCode !== null);
  const script = 'id -u; echo x > /dev/null && dd if=/dev/zero bs=3 count=1 2>/dev/null | wc -c';
  const joined = await cli().run(box().exec('/bin/sh', '-c', script), { cwd: box().rootfs });
  expect(joined).toMatchObject({ status: 0, stdout: '0\n3\n', stderr: '' });
  const { stdout } = await cli().run(['--root', box().state, 'state'], { cwd: box().rootfs });
  const { init_process_pid: pid } = JSON.parse(stdout) as { init_process_pid: number };
  const { dev, ino } = statSync('/dev/null');
  expect(statSync(`/proc/${pid}/root/dev/null`)).toMatchObject({ dev, ino });
  process.kill(pid, 'SIGKILL');
  expect((await ended).status).toBe(137);
});

it('is in the printed configuration, and taken away by 0', async () => {
  const print = async (...flags: readonly string[]) =>
    JSON.parse((await cli().run(['config', ...flags], { cwd: box().rootfs })).stdout) as Record<string, unknown>;
  const mapped = await print(`--userns-root-uid=${UID}`);
  const entry = (container_id: number, host_id: number, size: number) => ({ container_id, host_id, size });
  const maps = [entry(0, UID, 1), entry(1, 1, UID - 1), entry(UID + 1, UID + 1, 0x7fff_ffff - UID)];
  expect(mapped).toMatchObject({ uid_mappings: maps, gid_mappings: maps });
  expect(JSON.stringify(mapped['namespaces'])).toContain('NEWUSER');
  box().config(mapped);
  expect((await exec('cat /proc/self/uid_map', '--userns-root-uid=0')).stdout.replaceAll(/ +/g, ' ')).toBe(
    ' 0 0 4294967295\n',
  );
});
