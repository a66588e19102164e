/** linux/pkt_sched.h: options of tbf */
export const tcaTbf = {
  TCA_TBF_PARMS: 1,
  TCA_TBF_RATE64: 4,
  TCA_TBF_PRATE64: 5,
  TCA_TBF_BURST: 6,
  TCA_TBF_PBURST: 7,
} as const;

/** linux/pkt_sched.h: options of htb */
export const tcaHtb = {
  TCA_HTB_PARMS: 1,
  TCA_HTB_INIT: 2,
  TCA_HTB_DIRECT_QLEN: 5,
  TCA_HTB_RATE64: 6,
  TCA_HTB_CEIL64: 7,
} as const;

/** linux/pkt_sched.h: options of fq_codel */
export const tcaFqCodel = {
  TCA_FQ_CODEL_TARGET: 1,
  TCA_FQ_CODEL_LIMIT: 2,
  TCA_FQ_CODEL_INTERVAL: 3,
  TCA_FQ_CODEL_ECN: 4,
  TCA_FQ_CODEL_FLOWS: 5,
  TCA_FQ_CODEL_QUANTUM: 6,
  TCA_FQ_CODEL_CE_THRESHOLD: 7,
  TCA_FQ_CODEL_DROP_BATCH_SIZE: 8,
  TCA_FQ_CODEL_MEMORY_LIMIT: 9,
} as const;

/** linux/pkt_sched.h: options of netem */
export const tcaNetem = {
  TCA_NETEM_CORR: 1,
  TCA_NETEM_REORDER: 3,
  TCA_NETEM_CORRUPT: 4,
  TCA_NETEM_RATE: 6,
  TCA_NETEM_RATE64: 8,
  TCA_NETEM_LATENCY64: 10,
  TCA_NETEM_JITTER64: 11,
} as const;
