import { describe, expect, it } from 'vitest';
import { rpcCodec } from './messages/rpc.ts';
import { compileOptions, type DumpOptions, portNumber, type RestoreOptions } from './options.ts';

const fds = { imagesDirectory: 10, workDirectory: 11, firstInherited: 4 };

/** As criu reads it: what is undefined is not there. */
function compile(options: Partial<DumpOptions & RestoreOptions>) {
  const opts = compileOptions({ imagesDirectory: '/i', ...options }, 'x.log', fds);
  return rpcCodec.decode('criu_opts', rpcCodec.encode('criu_opts', opts));
}

const always = { images_dir_fd: 10, work_dir_fd: 11, log_file: 'x.log', log_level: 4, notify_scripts: true };

describe('compileOptions', () => {
  it('asks for nothing that was not asked for', () => {
    expect(compile({})).toEqual(always);
  });

  it('names fields as criu does', () => {
    expect(
      compile({
        pid: 7,
        root: '/r',
        logFile: 'my.log',
        logLevel: 2,
        leaveRunning: true,
        tcpEstablished: false,
        manageCgroupsMode: 'none',
        networkLock: 'nftables',
        emptyNetworkNamespace: true,
        cgroupRoots: [{ controller: 'cpu', path: '/a' }, { path: '/b' }],
        externalMounts: [{ key: '/etc/hosts', value: 'hosts' }],
        pageServer: { address: '127.0.0.1', port: 12345 },
        parentImages: '../parent',
        statusFd: { fd: 9 },
        ghostLimitBytes: 1 << 21,
      }),
    ).toEqual({
      ...always,
      pid: 7,
      root: '/r',
      log_file: 'my.log',
      log_level: 2,
      leave_running: true,
      tcp_established: false,
      manage_cgroups_mode: 'CG_NONE',
      network_lock: 'NFTABLES',
      empty_ns: 0x40000000,
      cg_root: [{ ctrl: 'cpu', path: '/a' }, { path: '/b' }],
      ext_mnt: [{ key: '/etc/hosts', val: 'hosts' }],
      ps: { address: '127.0.0.1', port: 12345 },
      parent_img: '../parent',
      status_fd: 9,
      ghost_limit: 1 << 21,
    });
  });

  it('numbers inherited descriptors from the first that is free in criu', () => {
    expect(
      compile({
        asSibling: true,
        inheritFds: [
          { key: 'pipe:[1]', fd: { fd: 30 } },
          { key: 'pipe:[2]', fd: { fd: 20 } },
        ],
        veths: [{ inside: 'eth0', outside: 'veth1' }],
        joinNamespaces: [{ kind: 'net', path: '/run/netns/a' }],
      }),
    ).toEqual({
      ...always,
      rst_sibling: true,
      inherit_fd: [
        { key: 'pipe:[1]', fd: 4 },
        { key: 'pipe:[2]', fd: 5 },
      ],
      veths: [{ if_in: 'eth0', if_out: 'veth1' }],
      join_ns: [{ ns: 'net', ns_file: '/run/netns/a' }],
    });
  });

  it('lets raw fields win', () => {
    expect(compile({ shellJob: true, raw: { shell_job: false, cpu_cap: 1 } })).toMatchObject({
      shell_job: false,
      cpu_cap: 1,
    });
  });

  it('refuses what would go wrong later', () => {
    expect(() => compile({ parentImages: '/a' })).toThrow('parentImages: /a is absolute; give it relative');
    expect(() => compile({ networkLock: 'ebtables' as never })).toThrow('networkLock: ebtables is not one of');
    expect(() => portNumber(65536)).toThrow(RangeError);
  });
});
