import { existsSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { Criu, type CriuVersion, compareVersions, formatVersion, type NetworkLockMethod } from '@nsinit/criu';
import { openNamespace } from '@nsinit/namespaces';
import { ContainerError } from '../errors.ts';
import { procLink } from '../state/proc.ts';
import type { ImagesOptions } from './options.ts';

/** The first release that can let packets through; older ones fail without a word. */
const knowsSkip = { major: 3, minor: 19, sublevel: 0 };

/** The first release that finds the table again with which it has locked a network by nftables. */
const findsTable = { major: 4, minor: 1, sublevel: 0 };

/**
 * How packets are held back while a container is checkpointed: as the caller wants it, or not at all where that has nothing
 * to hold, which saves time while it stands still; by nftables, which criu talks to itself, where there is no iptables to
 * call; else as criu does by itself, which is undefined.
 *
 * @param init a process in the container's network namespace.
 * @throws {ContainerError} ConfigInvalid for what this criu cannot do.
 */
export async function networkLockFor(
  criuPath: string,
  init: number,
  { networkLock, tcpEstablished }: Pick<ImagesOptions, 'networkLock' | 'tcpEstablished'>,
): Promise<NetworkLockMethod | undefined> {
  if (networkLock === 'skip') await checkSkip(criuPath);
  if (networkLock) return networkLock;
  // criu holds single connections of a network that is shared, never the whole. Where it would do that by iptables it
  // does nothing before the first one; by nftables it makes its table at once.
  if (!tcpEstablished && procLink(init, 'ns/net') === procLink('self', 'ns/net')) return 'iptables';
  if (isIsolated(readFileSync(`/proc/${init}/net/dev`, 'utf8')) && (await isSince(criuPath, knowsSkip))) return 'skip';
  return isInPath('iptables-restore') ? undefined : 'nftables';
}

async function checkSkip(criuPath: string): Promise<void> {
  if (await isSince(criuPath, knowsSkip)) return;
  throw new ContainerError(
    'ConfigInvalid',
    `networkLock: ${criuPath} is criu ${formatVersion(await versionOf(criuPath))}, which cannot leave packets alone`,
    {
      step: 'checkpoint',
      field: 'networkLock',
      hint: `install criu ${formatVersion(knowsSkip)} or newer, or leave networkLock out`,
    },
  );
}

/**
 * The table of nftables which images have that an older criu makes, and which drops every packet: it goes by the id of the
 * first process, which is another one at the restore, so that it is not found then. undefined: there is none.
 *
 * @param init the first process.
 */
export async function strayTable(
  criuPath: string,
  lock: NetworkLockMethod | undefined,
  init: number,
): Promise<string | undefined> {
  return lock === 'nftables' && !(await isSince(criuPath, findsTable)) ? `CRIU-${init}` : undefined;
}

/**
 * Deletes that table again, where it is.
 *
 * @param pid a process in the network namespace.
 */
export async function deleteStrayTable(table: string, pid: number): Promise<void> {
  const { nftables } = await import('../network/nftables.ts');
  using netns = openNamespace(`/proc/${pid}/ns/net`);
  // Only a table that is there can be deleted.
  nftables((changes) => {
    changes.addTable(table);
    changes.deleteTable(table);
  }, netns);
}

const versions = new Map<string, CriuVersion>();

/** Asked once for each program, as it takes as long as a tenth of a checkpoint. One that is replaced gets newer. */
async function versionOf(criuPath: string): Promise<CriuVersion> {
  const version = versions.get(criuPath) ?? (await new Criu({ path: criuPath }).version());
  versions.set(criuPath, version);
  return version;
}

async function isSince(criuPath: string, release: CriuVersion): Promise<boolean> {
  return compareVersions(await versionOf(criuPath), release) >= 0;
}

/** Whether a network namespace has no interface but its loopback. */
export function isIsolated(netDev: string): boolean {
  const names = [...netDev.matchAll(/^\s*([^\s|]+):/gm)].map(([, name]) => name);
  return names.every((name) => name === 'lo');
}

function isInPath(name: string): boolean {
  const path = `${process.env['PATH'] ?? ''}${delimiter}/usr/sbin${delimiter}/sbin`;
  return path.split(delimiter).some((dir) => dir !== '' && existsSync(join(dir, name)));
}
