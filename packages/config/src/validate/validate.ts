import type { Config } from '../config.ts';
import { configToJson } from '../encode.ts';
import { ConfigError, type Problem } from '../error.ts';
import { checkCgroups } from './cgroups.ts';
import { Checker } from './checker.ts';
import { checkDevices } from './devices.ts';
import type { Host } from './host.ts';
import { checkLandlock } from './landlock.ts';
import { checkMounts } from './mounts.ts';
import { checkNamespaces } from './namespaces.ts';
import { checkNetworks } from './networks.ts';
import { checkProcess } from './process.ts';
import { checkRootfs } from './rootfs.ts';
import { checkSeccomp } from './seccomp.ts';
import { checkSysctls } from './sysctls.ts';
import { checkValues } from './text.ts';

/**
 * Everything that is wrong with a configuration; none when a container can be made of it. Paths are those of the JSON
 * form (`mounts[3].device`), also for a configuration that was written in TypeScript.
 *
 * @param host answers questions about the machine (is the root file system there, has the kernel this namespace);
 * undefined: such things are not checked, so the result depends on the configuration alone.
 */
export function findProblems(config: Config, host?: Host): readonly Problem[] {
  const checker = new Checker();
  checkRootfs(config, host, checker);
  checkNamespaces(config, host, checker);
  checkMounts(config, checker);
  checkDevices(config, checker);
  checkProcess(config, checker);
  checkNetworks(config, checker);
  checkCgroups(config, checker);
  checkSysctls(config, checker);
  checkSeccomp(config, checker);
  checkLandlock(config, checker);
  checkValues(configToJson(config), '', checker);
  return checker.problems;
}

/**
 * Checks a configuration as {@link findProblems} does.
 *
 * @throws ConfigError with every problem.
 */
export function validate(config: Config, host?: Host): void {
  const problems = findProblems(config, host);
  if (problems.length > 0) throw new ConfigError(problems);
}
