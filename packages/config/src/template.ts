import type { Config } from './config.ts';
import { DEFAULT_ALLOWED_DEVICES, DEFAULT_AUTO_CREATED_DEVICES } from './device-defaults.ts';
import { DEFAULT_MOUNTS } from './mount-defaults.ts';

/** Capabilities of an ordinary container. */
export const DEFAULT_CAPABILITIES: readonly string[] = [
  'CAP_CHOWN',
  'CAP_DAC_OVERRIDE',
  'CAP_FSETID',
  'CAP_FOWNER',
  'CAP_MKNOD',
  'CAP_NET_RAW',
  'CAP_SETGID',
  'CAP_SETUID',
  'CAP_SETFCAP',
  'CAP_SETPCAP',
  'CAP_NET_BIND_SERVICE',
  'CAP_SYS_CHROOT',
  'CAP_KILL',
  'CAP_AUDIT_WRITE',
];

/** Paths of /proc that an ordinary container cannot read. */
export const DEFAULT_MASK_PATHS: readonly string[] = ['/proc/kcore'];

/** Paths of /proc that an ordinary container cannot write. */
export const DEFAULT_READONLY_PATHS: readonly string[] = ['/proc/sys', '/proc/sysrq-trigger', '/proc/irq', '/proc/bus'];

/** What {@link template} is filled in with. */
export interface TemplateOptions {
  /** Absolute path of the root file system. */
  readonly rootfs: string;
  /** Name of the own control group; undefined: the container's id, so that two containers never share one. */
  readonly cgroupName?: string;
  /** Host name; undefined: `nsinit`. */
  readonly hostname?: string;
  /** Signal for init when its starter dies; undefined: none, so that the container outlives its starter. */
  readonly parentDeathSignal?: number;
}

/**
 * The configuration of an ordinary container, which nsinit uses without a container.json: mount, UTS, IPC, PID and
 * network namespaces, fourteen capabilities, a loopback interface, and a control group with device rules and no limit.
 */
export function template({ rootfs, cgroupName, hostname, parentDeathSignal }: TemplateOptions): Config {
  return {
    rootfs,
    ...(parentDeathSignal === undefined ? {} : { parentDeathSignal }),
    hostname: hostname ?? 'nsinit',
    capabilities: DEFAULT_CAPABILITIES,
    namespaces: [{ type: 'NEWNS' }, { type: 'NEWUTS' }, { type: 'NEWIPC' }, { type: 'NEWPID' }, { type: 'NEWNET' }],
    networks: [{ type: 'loopback', address: '127.0.0.1/0', gateway: 'localhost' }],
    cgroups: {
      ...(cgroupName === undefined ? {} : { name: cgroupName }),
      parent: 'nsinit',
      allowAllDevices: false,
      allowedDevices: DEFAULT_ALLOWED_DEVICES,
    },
    devices: DEFAULT_AUTO_CREATED_DEVICES,
    maskPaths: DEFAULT_MASK_PATHS,
    readonlyPaths: DEFAULT_READONLY_PATHS,
    mounts: DEFAULT_MOUNTS,
  };
}
