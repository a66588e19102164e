#!/usr/bin/env node
/**
 * Measures what a user namespace adds to a start, and starts of ordinary users beside bwrap, unshare and rootless crun:
 * of one who has one id, and of one who has a range of subordinate ids.
 *
 *   node bench/rootless.mjs [ROUNDS]      60 rounds when not given; needs root, gcc, unshare, bwrap, crun, runc, newuidmap
 *
 * The users, and cgroup v2 alone, which crun insists on, exist in mount namespaces of its own. Each round makes one
 * measurement of each subject, in an order that turns.
 */
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { capture, root, run } from '../scripts/lib/workspace.mjs';
import { buildBusyboxRootfs } from '../scripts/rootfs.mjs';
import { interleave, print } from './lib/interleave.mjs';
import { FIRST_ID, IDS, runtime, withUnifiedHierarchyAlone, writeBundle } from './lib/peers.mjs';
import { Timer, Worker } from './lib/worker.mjs';

const INSIDE = '--inside';
if (process.argv[2] !== INSIDE) {
  const words = ['--mount', '--propagation', 'private', process.execPath, process.argv[1], INSIDE];
  const { status, error } = spawnSync('unshare', [...words, ...process.argv.slice(2)], { stdio: 'inherit' });
  if (error) throw error;
  process.exit(status ?? 1);
}

const ROUNDS = Number(process.argv[3] ?? 60);
const WARM_UP = 20;
const { NODE_EXTRA_CA_CERTS: _, ...env } = process.env;
/** Without what only root may search, which would cost the others failed calls. */
const PATH = '/usr/sbin:/usr/bin:/sbin:/bin';
const work = mkdtempSync(join(tmpdir(), 'nsinit-bench-'));
chmodSync(work, 0o755);

/** The users of the measurements: ids that no host has. */
const ONE = 2_100_101;
const RANGE = 2_100_102;

/** Makes the users known to this mount namespace, and gives the second one ids. */
function knowUsers() {
  const line = {
    passwd: (id) => `bench-${id}:x:${id}:${id}::/:/bin/sh\n`,
    group: (id) => `bench-${id}:x:${id}:\n`,
    subuid: (id) => (id === RANGE ? `${id}:${FIRST_ID}:${IDS}\n` : ''),
  };
  for (const [name, make] of Object.entries({ ...line, subgid: line.subuid })) {
    const file = join(work, name);
    const known = name.startsWith('sub') ? '' : readFileSync(`/etc/${name}`, 'utf8');
    writeFileSync(file, known + [ONE, RANGE].map(make).join(''));
    writeFileSync(`/etc/${name}`, '', { flag: 'a' });
    run('mount', ['--bind', file, `/etc/${name}`]);
  }
}

/** A directory with a root file system and a place for states, all of one user. */
function home(name, id) {
  const dir = join(work, name);
  mkdirSync(dir);
  const rootfs = buildBusyboxRootfs(join(dir, 'rootfs'));
  for (const one of ['state', 'crun', 'runc']) mkdirSync(join(dir, one));
  run('chown', ['--recursive', '--no-dereference', `${id}:${id}`, dir]);
  return { dir, rootfs };
}

const asUser = (id) => (id === 0 ? [] : ['setpriv', '--reuid', `${id}`, '--regid', `${id}`, '--clear-groups']);

knowUsers();
const timerProgram = join(work, 'timer');
run('gcc', ['-O2', '-Wall', '-Wextra', '-o', timerProgram, join(root, 'bench', 'timer.c')]);

const workers = [];
function started(worker) {
  workers.push(worker);
  return worker;
}

/** What measures for one user: the library, and programs where cgroup v2 is alone. */
function measuring(id, { dir, rootfs }) {
  const [program, ...args] = withUnifiedHierarchyAlone([...asUser(id), timerProgram]);
  const own = { ...env, PATH, HOME: dir, XDG_RUNTIME_DIR: dir };
  const timer = started(new Timer(`timer of ${id}`, program, args, { env: own }));
  const words = [...asUser(id), process.execPath, join(root, 'bench', 'library.mjs'), rootfs, join(dir, 'state')];
  const library = started(new Worker(`library of ${id}`, words[0], words.slice(1), { env: own }));
  return {
    library: (command) => async () => Number(await library.ask(command)),
    program: (command) => () => timer.time(command),
  };
}

const crun = (dir) => runtime('crun', join(dir, 'crun'), ['--cgroup-manager=disabled']);

/** What comes closest to the template with bwrap: the same namespaces; it has no sysfs and makes fewer device nodes. */
const bwrap = (rootfs) => [
  ...['bwrap', '--unshare-user', '--uid', '0', '--gid', '0', '--unshare-pid', '--unshare-net', '--unshare-ipc'],
  ...['--unshare-uts', '--hostname', 'nsinit', '--bind', rootfs, '/', '--proc', '/proc', '--dev', '/dev'],
  ...['--tmpfs', '/dev/shm', '--mqueue', '/dev/mqueue', '/bin/true'],
];

/** The same with a range of ids, which bwrap leaves to its caller: it tells of its process, and waits. */
function bwrapOfRange(rootfs, id, dir) {
  const script = join(dir, 'bwrap-range.sh');
  const [program, ...words] = bwrap(rootfs);
  writeFileSync(
    script,
    `mkfifo $1.info $1.go
${program} --userns-block-fd 3 --info-fd 4 ${words.join(' ')} 3<>$1.go 4>$1.info & own=$!
while IFS=' :,' read -r key value _; do test "$key" != '"child-pid"' || pid=$value; done < $1.info
newgidmap $pid 0 ${id} 1 1 ${FIRST_ID} ${IDS} & groups=$!
newuidmap $pid 0 ${id} 1 1 ${FIRST_ID} ${IDS} && wait $groups && echo > $1.go || kill -9 $pid
wait $own
end=$?
rm $1.info $1.go
exit $end
`,
  );
  return ['sh', script, join(dir, 'bwrap-%')];
}

/** The same namespaces and no file system but /proc. */
const unshare = (rootfs, ...maps) => [
  ...['unshare', '--map-root-user', ...maps, '--mount', '--pid', '--fork', '--net', '--ipc', '--uts'],
  ...[`--root=${rootfs}`, '--mount-proc', '/bin/true'],
];

/** As root, with a user namespace and without. The files belong to root of the container with it. */
async function measureRoot() {
  const place = home('root', FIRST_ID);
  const { dir, rootfs } = place;
  const { library, program } = measuring(0, place);
  const maps = [{ containerId: 0, hostId: FIRST_ID, size: IDS }];
  const plain = writeBundle(join(dir, 'plain'), rootfs, ['/bin/true']);
  const mapped = writeBundle(join(dir, 'mapped'), rootfs, ['/bin/true'], { maps });
  return interleave(
    [
      { name: 'libcontainer', measure: library('start') },
      { name: 'libcontainer, user namespace', measure: library('mapped') },
      { name: 'crun run', measure: program(crun(dir).run(plain)) },
      { name: 'crun run, user namespace', measure: program(crun(dir).run(mapped)) },
    ],
    ROUNDS,
    WARM_UP,
  );
}

/** As an ordinary user, who has these ids. */
async function measureUser(id, ...ranges) {
  const place = home(`user-${id}`, id);
  const { dir, rootfs } = place;
  const { library, program } = measuring(id, place);
  const maps = [{ containerId: 0, hostId: id, size: 1 }, ...ranges];
  const bundle = writeBundle(join(dir, 'bundle'), rootfs, ['/bin/true'], { maps, ordinary: true });
  const words = ranges.length > 0 ? ['--map-auto'] : [];
  const withHelpers = { name: 'bwrap, newuidmap, newgidmap', measure: program(bwrapOfRange(rootfs, id, dir)) };
  return interleave(
    [
      { name: 'bwrap', measure: program(bwrap(rootfs)) },
      ...(ranges.length > 0 ? [withHelpers] : []),
      { name: 'libcontainer', measure: library('start') },
      { name: 'unshare -r of all namespaces', measure: program(unshare(rootfs, ...words)) },
      { name: 'unshare -r', measure: program(['unshare', '--map-root-user', ...words, '/bin/true']) },
      { name: 'crun run', measure: program(crun(dir).run(bundle)) },
    ],
    ROUNDS,
    WARM_UP,
  );
}

async function main() {
  const version = (name) => capture(name, ['--version']).split('\n')[0];
  console.log(`${['bwrap', 'crun', 'unshare'].map(version).join(', ')}; load ${loadavg()[0].toFixed(2)}`);
  print('as root: start to exit of /bin/true', await measureRoot(), 'libcontainer');
  print('as a user with one id', await measureUser(ONE), 'bwrap');
  const range = await measureUser(RANGE, { containerId: 1, hostId: FIRST_ID, size: IDS });
  print('as a user with a range of ids: bwrap alone has one', range, 'bwrap, newuidmap, newgidmap');
}

try {
  await main();
} finally {
  const ends = await Promise.allSettled(workers.map((worker) => worker.close()));
  for (const { reason } of ends.filter(({ status }) => status === 'rejected')) {
    console.error(`bench: ${reason.message}`);
    process.exitCode = 1;
  }
  rmSync(work, { recursive: true });
}
