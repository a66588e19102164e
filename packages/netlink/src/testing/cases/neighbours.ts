import { type Case, withWire } from './common.ts';

/** Neighbours. */
export const neighbours: readonly Case[] = [
  withWire(
    'permanent',
    (nl) => nl.neighbours.add({ dev: 'v0', dst: '10.0.0.9', lladdr: '02:00:00:00:00:09' }),
    'neigh add 10.0.0.9 lladdr 02:00:00:00:00:09 dev v0',
  ),
  withWire(
    'IPv6',
    (nl) => nl.neighbours.add({ dev: 'v0', dst: 'fd00::9', lladdr: '02:00:00:00:00:09', router: true }),
    'neigh add fd00::9 lladdr 02:00:00:00:00:09 dev v0 router',
  ),
  withWire(
    'noarp',
    (nl) => nl.neighbours.add({ dev: 'v0', dst: '10.0.0.9', lladdr: '02:00:00:00:00:09', state: ['NOARP'] }),
    'neigh add 10.0.0.9 lladdr 02:00:00:00:00:09 nud noarp dev v0',
  ),
  withWire(
    'learned elsewhere',
    (nl) => nl.neighbours.add({ dev: 'v0', dst: '10.0.0.9', lladdr: '02:00:00:00:00:09', extern_learn: true }),
    'neigh add 10.0.0.9 lladdr 02:00:00:00:00:09 extern_learn dev v0',
  ),
  withWire(
    'replacing',
    (nl) => {
      nl.neighbours.add({ dev: 'v0', dst: '10.0.0.9', lladdr: '02:00:00:00:00:09' });
      nl.neighbours.replace({ dev: 'v0', dst: '10.0.0.9', lladdr: '02:00:00:00:00:0a' });
    },
    'neigh add 10.0.0.9 lladdr 02:00:00:00:00:09 dev v0',
    'neigh replace 10.0.0.9 lladdr 02:00:00:00:00:0a dev v0',
  ),
  withWire(
    'deletion',
    (nl) => {
      nl.neighbours.add({ dev: 'v0', dst: '10.0.0.9', lladdr: '02:00:00:00:00:09', state: ['NOARP'] });
      nl.neighbours.delete({ dev: 'v0', dst: '10.0.0.9' });
    },
    'neigh add 10.0.0.9 lladdr 02:00:00:00:00:09 nud noarp dev v0',
    'neigh del 10.0.0.9 dev v0',
  ),
];
