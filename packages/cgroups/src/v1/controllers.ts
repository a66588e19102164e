import type { Controller } from '../controller.ts';
import { devices } from '../devices/v1.ts';
import { pids } from '../pids.ts';
import { rdma } from '../rdma.ts';
import { blkio } from './blkio.ts';
import { cpu } from './cpu.ts';
import { cpuacct } from './cpuacct.ts';
import { cpuset } from './cpuset.ts';
import { hugetlb } from './hugetlb.ts';
import { memory } from './memory.ts';
import { netCls, netPrio } from './net.ts';

const perfEvent: Controller = { name: 'perf_event', writes: () => [] };
const freezer: Controller = { name: 'freezer', writes: () => [] };

/** The controllers of v1 in the order in which limits are set and processes join. */
export const v1Controllers: readonly Controller[] = [
  devices,
  memory,
  cpu,
  cpuset,
  cpuacct,
  blkio,
  hugetlb,
  pids,
  rdma,
  netCls,
  netPrio,
  perfEvent,
  freezer,
];
