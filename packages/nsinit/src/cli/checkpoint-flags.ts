import type { FlagTable } from './flag.ts';

/** Flags of `checkpoint` and `restore` alike. */
const imageFlags = {
  'image-path': { type: 'string', value: 'DIR', complete: 'directory', help: 'directory of the images; must be given' },
  'work-path': {
    type: 'string',
    value: 'DIR',
    complete: 'directory',
    help: "directory of criu's logs and statistics; by default below the state of the container",
  },
  'tcp-established': { type: 'boolean', help: 'keep open TCP connections' },
  'tcp-close': { type: 'boolean', help: 'let open TCP connections be closed ones after the restore' },
  'ext-unix-sk': { type: 'boolean', help: 'allow unix sockets whose other end is outside of the container' },
  'shell-job': { type: 'boolean', help: 'allow a terminal of the host, from which the container was started' },
  'file-locks': { type: 'boolean', help: 'keep file locks that processes hold' },
  'link-remap': { type: 'boolean', help: 'allow hard links for files that were removed while open' },
  'auto-dedup': { type: 'boolean', help: 'remove pages from parent images that are newer here' },
  'lazy-pages': {
    type: 'boolean',
    help: 'leave memory behind at --page-server; a restore goes on before it is there, and fetches it from there or the images',
  },
  'manage-cgroups-mode': {
    type: 'string',
    choices: ['soft', 'full', 'strict', 'ignore'],
    what: 'mode for control groups',
    help: 'what becomes of control groups; by default soft',
  },
  'empty-ns': {
    type: 'string',
    choices: ['network'],
    what: 'namespace',
    help: 'leave this namespace out: its interfaces are made anew from the configuration, without open connections',
  },
  'network-lock': {
    type: 'string',
    choices: ['iptables', 'nftables', 'skip'],
    what: 'method',
    help: 'how packets are held back meanwhile',
  },
  'page-server': {
    type: 'string',
    value: 'ADDRESS:PORT',
    help: 'a page server of criu, which memory goes to or comes from',
  },
} as const satisfies FlagTable;

/** Flags of `checkpoint`. */
export const checkpointFlags = {
  ...imageFlags,
  'parent-path': {
    type: 'string',
    value: 'DIR',
    help: 'images of an earlier --pre-dump, relative to --image-path: what has not changed since is left there',
  },
  'leave-running': { type: 'boolean', help: 'let the container run on afterwards' },
  'pre-dump': { type: 'boolean', help: 'write memory alone and let the container run on' },
  'tcp-skip-in-flight': { type: 'boolean', help: 'leave TCP connections out that are being opened' },
  'status-fd': {
    type: 'integer',
    value: 'FD',
    help: 'write a byte of 0 to this descriptor when a lazy checkpoint is ready for its restore',
  },
} as const satisfies FlagTable;

/** Flags of `restore`. */
export const restoreFlags = {
  ...imageFlags,
  detach: {
    type: 'boolean',
    short: 'd',
    help: 'end when the processes go on, and leave them to themselves; "nsinit destroy" removes what is left then',
  },
  'pid-file': {
    type: 'string',
    value: 'FILE',
    complete: 'file',
    help: 'write the process id of the first process to FILE',
  },
  'lsm-profile': {
    type: 'string',
    value: 'TYPE:NAME',
    help: 'another profile than that of the checkpoint: apparmor:NAME or selinux:LABEL',
  },
  'lsm-mount-context': { type: 'string', value: 'LABEL', help: 'SELinux label of the restored mounts' },
} as const satisfies FlagTable;
