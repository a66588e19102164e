import { existsSync, lstatSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { namespaceFlags } from '../testing/box.ts';
import { useBox } from '../testing/use-box.ts';

const { cli, box } = useBox();

const shell = (script: string, ...flags: readonly string[]) =>
  cli().run(box().exec(...flags, '/bin/sh', '-c', script), { cwd: box().rootfs });

/** Waits inside for a file of the root directory. */
const wait = 'n=0; while [ ! -e /.nspid ] && [ $n -lt 3000 ]; do n=$((n+1)); sleep 0.01; done;';

it('stand in the root file system while the container lives', async () => {
  const { stdout } = await shell(`${wait} cat /.nspid; echo; cat /state.json`);
  const [pid, state] = stdout.split('\n');
  expect(JSON.parse(state!)).toMatchObject({ id: 'nsinit', init_process_pid: Number(pid) });
  expect(existsSync(join(box().rootfs, '.nspid'))).toBe(false);
  expect(existsSync(join(box().rootfs, 'state.json'))).toBe(false);
});

it('are left out on request', async () => {
  const { stdout } = await shell('sleep 0.3; ls -a /', '--no-state-files');
  expect(stdout).not.toContain('.nspid');
  expect(stdout).not.toContain('state.json');
});

it('stand beside a container.json that --root has found', async () => {
  const place = join(box().work, 'place');
  mkdirSync(place);
  box().config({ namespaces: [{ type: 'NEWNS' }, { type: 'NEWPID' }], process: { env: ['PATH=/bin'] } }, place);
  const bind = ['--bind', `${place}:/place`];
  const script = wait.replaceAll('/.nspid', '/place/.nspid');
  const { stdout } = await cli().run(
    ['--root', place, 'exec', ...namespaceFlags, ...bind, '/bin/sh', '-c', `${script} ls -a /place`],
    {
      cwd: box().rootfs,
    },
  );
  expect(stdout.split('\n')).toEqual(expect.arrayContaining(['.nspid', 'state.json', 'nsinit']));
  expect(existsSync(join(place, '.nspid'))).toBe(false);
});

it('are not the state itself when --root lies in the root file system', async () => {
  box().config({ namespaces: [{ type: 'NEWNS' }, { type: 'NEWPID' }], process: { env: ['PATH=/bin'] } });
  const args = [
    '--root',
    '.',
    'exec',
    ...namespaceFlags,
    '--id',
    `cli_${process.pid}`,
    '/bin/sh',
    '-c',
    `${wait} ls -a /`,
  ];
  const { stdout, status } = await cli().run(args, { cwd: box().rootfs });
  expect(status).toBe(0);
  expect(stdout).toContain('.nspid');
  expect(stdout).not.toContain(`cli_${process.pid}`);
  expect(existsSync(`/var/run/nsinit/cli_${process.pid}`)).toBe(false);
});

it('are never written through links of a hostile root file system', async () => {
  const host = join(box().work, 'host');
  writeFileSync(host, 'precious');
  symlinkSync(host, join(box().rootfs, 'state.json'));
  symlinkSync('../host-made', join(box().rootfs, '.nspid'));
  // The container plants links again and again while the files are written and removed.
  const plant = `while :; do rm -f /.nspid /state.json; ln -s ${host} /.nspid; ln -s ../../../../..${host} /state.json; done & sleep 0.3`;
  expect((await shell(`ln() { /bin/busybox ln "$@"; }; rm() { /bin/busybox rm "$@"; }; ${plant}`)).status).toBe(0);
  expect(readFileSync(host, 'utf8')).toBe('precious');
  expect(existsSync(join(box().work, 'host-made'))).toBe(false);
});

it('do not replace a file of the user, who is told', async () => {
  writeFileSync(join(box().rootfs, 'state.json'), '{"mine": true}');
  const { stdout, stderr, status } = await shell('sleep 0.2; cat /state.json');
  expect([stdout, status]).toEqual(['{"mine": true}', 0]);
  expect(stderr).toContain('there is a file state.json already');
  expect(stderr).toContain('--no-state-files');
  expect(lstatSync(join(box().rootfs, 'state.json')).isFile()).toBe(true);
});
