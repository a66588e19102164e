import type { Facts } from '../facts.ts';
import { collectNamespaces, tryExecutor, tryStart } from './attempts.ts';
import { collectCheckpoint } from './checkpoint.ts';
import { collectFiles } from './files.ts';
import { collectProgram, collectProgramVersion, collectTunDevice } from './programs.ts';
import { collectSystemd } from './systemd.ts';

/**
 * Looks at this host: reads its files, and makes a namespace of each kind and a container, which end at once.
 *
 * @param criu name or path of the criu program.
 */
export async function collect(criu: string): Promise<Facts> {
  const files = collectFiles();
  const program = await collectProgramVersion(criu);
  return {
    ...files,
    newuidmap: collectProgram('newuidmap'),
    newgidmap: collectProgram('newgidmap'),
    pasta: collectProgram('pasta'),
    slirp4netns: collectProgram('slirp4netns'),
    tunDevice: collectTunDevice(),
    criu: program,
    checkpoint: await collectCheckpoint(program?.path, files.uid),
    systemd: await collectSystemd(files.uid),
    executor: await tryExecutor(),
    namespaces: await collectNamespaces(),
    start: await tryStart(),
  };
}
