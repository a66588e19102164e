import type { Network } from '@nsinit/config';
import type { PlannedNetworkStep } from '../step.ts';
import { pastaWords, slirpForwards, slirpSocket, slirpWords } from './commands.ts';

/** What is done for a network of the type user, for people. The program that is first looked for stands for both. */
export function userStep(network: Network, index: number): PlannedNetworkStep {
  const place = { pid: 'PID', ready: 'READY' } as const;
  const slirp = network.program === 'slirp4netns';
  const words = slirp ? ['slirp4netns', ...slirpWords(network, place)] : ['pasta', ...pastaWords(network, place)];
  const asked = slirp ? slirpForwards(network) : [];
  const forwards = asked.map((request) => `echo '${request}' | nc -U ${slirpSocket}`);
  return {
    field: `networks[${index}]`,
    what: 'start the program of the network, and wait for it',
    text: [words.join(' '), ...forwards].join(' && '),
  };
}
