import { resolve } from 'node:path';
import type { ImagesOptions } from '@nsinit/libcontainer';
import type { restoreFlags } from '../cli/checkpoint-flags.ts';
import type { FlagValues } from '../cli/flag.ts';
import { UsageError } from '../cli/usage-error.ts';

/** Flags that a checkpoint and a restore have in common. */
export type ImageValues = Omit<
  FlagValues<typeof restoreFlags>,
  'lsm-profile' | 'lsm-mount-context' | 'detach' | 'pid-file'
>;

/**
 * What the common flags mean.
 *
 * @throws {UsageError} without --image-path, and for a page server that is none.
 */
export function imageOptions(values: ImageValues, cwd: string): ImagesOptions & { readonly imagesDirectory: string } {
  const images = values['image-path'];
  if (!images) throw new UsageError("The --image-path option isn't specified", 'name a directory for the images');
  const work = values['work-path'];
  const server = values['page-server'];
  return {
    imagesDirectory: resolve(cwd, images),
    ...(work ? { workDirectory: resolve(cwd, work) } : {}),
    tcpEstablished: values['tcp-established'],
    tcpClose: values['tcp-close'],
    externalUnixConnections: values['ext-unix-sk'],
    shellJob: values['shell-job'],
    fileLocks: values['file-locks'],
    linkRemap: values['link-remap'],
    autoDedup: values['auto-dedup'],
    lazyPages: values['lazy-pages'],
    manageCgroupsMode: values['manage-cgroups-mode'],
    networkLock: values['network-lock'],
    emptyNetworkNamespace: values['empty-ns'] === undefined ? undefined : true,
    ...(server === undefined ? {} : { pageServer: pageServer(server) }),
  };
}

/** `ADDRESS:PORT`; an IPv6 address may stand in brackets. */
function pageServer(text: string): { readonly address: string; readonly port: number } {
  const colon = text.lastIndexOf(':');
  const address = text.slice(0, Math.max(colon, 0)).replace(/^\[(.*)\]$/, '$1');
  if (address === '') throw new UsageError('Use --page-server ADDRESS:PORT to specify page server');
  const port = text.slice(colon + 1);
  if (!/^\d{1,5}$/.test(port) || Number(port) < 1 || Number(port) > 65535)
    throw new UsageError(`Invalid port number ${JSON.stringify(port)}`, 'a port is a number from 1 to 65535');
  return { address, port: Number(port) };
}
