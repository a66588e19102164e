import type { Facts } from '../facts.ts';
import { type Finding, findingsOf } from '../finding.ts';

/** File systems of an ordinary container, without which it does not start. */
const NEEDED = ['proc', 'sysfs', 'tmpfs', 'devpts', 'mqueue'] as const;

const { ok, limited, missing } = findingsOf('file systems');

/** File systems that containers mount, overlay, and the host's pseudo-terminals. */
export function evaluateFilesystems({ filesystems, mounts, sysctls }: Facts): readonly Finding[] {
  const absent = NEEDED.filter((name) => !filesystems.has(name));
  const needed =
    absent.length === 0
      ? ok('mounts', NEEDED.join(', '))
      : missing(
          'mounts',
          `the kernel has no ${absent.join(', ')}`,
          'use a kernel with them, or containers without them',
        );
  const overlay = filesystems.has('overlay')
    ? ok('overlay', 'layered root file systems can be made')
    : limited(
        'overlay',
        'the kernel does not know it and has no module of it',
        'modprobe overlay, or CONFIG_OVERLAY_FS',
      );
  const pts = mounts.find(({ fsType }) => fsType === 'devpts');
  const max = sysctls['kernel.pty.max'];
  const terminals = pts
    ? ok('devpts', `${pts.mountPoint}${max === undefined ? '' : `, at most ${max} terminals`}`)
    : limited('devpts', 'not mounted on this host; containers have their own', 'mount -t devpts devpts /dev/pts');
  return [needed, overlay, terminals];
}
