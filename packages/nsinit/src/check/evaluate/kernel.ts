import type { Facts } from '../facts.ts';
import { type Finding, findingsOf } from '../finding.ts';

/** The first kernel that has every call a start makes. */
const MINIMUM = { major: 5, minor: 14 };

const { ok, limited, missing } = findingsOf('kernel');

/** Kernel version, architecture, and whether nsexec can be executed from memory. */
export function evaluateKernel({ kernelRelease, architecture, sysctls, executor }: Facts): readonly Finding[] {
  return [version(kernelRelease), arch(architecture), memory(sysctls['vm.memfd_noexec']), nsexec(executor)];
}

function version(release: string): Finding {
  const [, major = Number.NaN, minor = Number.NaN] = (/^(\d+)\.(\d+)/.exec(release) ?? []).map(Number);
  const minimum = `${MINIMUM.major}.${MINIMUM.minor}`;
  if (Number.isNaN(major))
    return limited('version', `${release} is no version that is understood; ${minimum} is needed`);
  if (major > MINIMUM.major || (major === MINIMUM.major && minor >= MINIMUM.minor)) return ok('version', release);
  return missing('version', `${release} is older than ${minimum}`, `boot a kernel of version ${minimum} or newer`);
}

function arch(name: string): Finding {
  if (name === 'x64' || name === 'arm64') return ok('architecture', name);
  return missing('architecture', `${name} is not supported`, 'use a machine with x86-64 or arm64');
}

/** vm.memfd_noexec: 0 as ever, 1 not executable unless asked for, 2 never. Since Linux 6.3. */
function memory(value: string | undefined): Finding {
  if (value !== '2') return ok('memfd', 'files in memory can be executed');
  return missing(
    'memfd',
    'vm.memfd_noexec is 2, and nsexec is executed from memory so that no container can change it',
    'sysctl -w vm.memfd_noexec=1',
  );
}

function nsexec({ path, run }: Facts['executor']): Finding {
  if (run === 'ok') return ok('nsexec', path);
  return missing('nsexec', `${path} cannot be executed: ${run.message}`, 'install nsinit again');
}
