import { rmSync } from 'node:fs';
import { connect } from 'node:net';
import type { Network } from '@nsinit/config';
import type { Fd } from '@nsinit/syscall';
import { asContainerError, ContainerError } from '../../errors.ts';
import { slirpForwards, slirpSocket } from './commands.ts';

/**
 * Tells slirp4netns the ports of the host that lead into the container, and takes its socket away: nobody else is to.
 *
 * @throws {ContainerError} SystemError naming the port that it refuses.
 */
export async function forwardPorts(network: Network, field: string, directory: Fd): Promise<void> {
  const path = `/proc/self/fd/${directory.fd}/${slirpSocket}`;
  try {
    for (const [index, request] of slirpForwards(network).entries()) {
      const place = `ports[${index}]`;
      const facts = { field: `${field}.${place}`, step: 'forward the port' };
      let answer: string;
      try {
        answer = await ask(path, request);
      } catch (error) {
        throw asContainerError(error, `${place}: slirp4netns does not answer`, facts);
      }
      if (!isDone(answer))
        throw new ContainerError('SystemError', `${place}: slirp4netns refuses it: ${answer.trim()}`, {
          ...facts,
          hint: 'choose a port of the host that is free, and that its users may have (net.ipv4.ip_unprivileged_port_start)',
        });
    }
  } finally {
    rmSync(path, { force: true });
  }
}

const isDone = (answer: string): boolean => /^\s*\{\s*"return"/.test(answer);

async function ask(path: string, request: string): Promise<string> {
  return await new Promise((resolve, reject) => {
    const socket = connect(path);
    let answer = '';
    socket.setEncoding('utf8');
    socket.on('data', (text: string) => {
      answer += text;
    });
    socket.once('error', reject);
    socket.once('end', () => resolve(answer));
    socket.end(request);
  });
}
