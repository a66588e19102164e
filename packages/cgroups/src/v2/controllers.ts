import type { Controller } from '../controller.ts';
import { pids } from '../pids.ts';
import { rdma } from '../rdma.ts';
import { cpu } from './cpu.ts';
import { cpuset } from './cpuset.ts';
import { hugetlb } from './hugetlb.ts';
import { io } from './io.ts';
import { memory } from './memory.ts';
import { misc } from './misc.ts';

/** The controllers of v2 in the order in which limits are set. */
export const v2Controllers: readonly Controller[] = [cpuset, cpu, memory, io, pids, hugetlb, rdma, misc];
