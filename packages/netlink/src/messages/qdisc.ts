import { tcaFqCodel, tcaHtb, tcaNetem, tcaTbf } from '../constants/qdisc.ts';
import { tca } from '../constants/rtnetlink.ts';
import { attributes } from '../wire/attributes.ts';
import { align } from '../wire/bytes.ts';
import type { Codec, ValueOf } from '../wire/codec.ts';
import { message } from '../wire/message.ts';
import { s32, s64, u8, u16, u32, u64 } from '../wire/numbers.ts';
import { struct } from '../wire/struct.ts';
import { raw, text } from '../wire/text.ts';

/** struct tcmsg. */
const tcmsg = struct({ family: u8, pad1: u8, pad2: u16, ifindex: s32, handle: u32, parent: u32, info: u32 });

/** struct tc_ratespec: bytes a second. */
const ratespec = struct({
  cell_log: u8,
  linklayer: u8,
  overhead: u16,
  cell_align: u16,
  mpu: u16,
  rate: u32,
});

const tbf = attributes({
  /** struct tc_tbf_qopt: limit in bytes, buffer and mtu in ticks of 64 nanoseconds. */
  parms: [tcaTbf.TCA_TBF_PARMS, struct({ rate: ratespec, peakrate: ratespec, limit: u32, buffer: u32, mtu: u32 })],
  rate64: [tcaTbf.TCA_TBF_RATE64, u64],
  prate64: [tcaTbf.TCA_TBF_PRATE64, u64],
  burst: [tcaTbf.TCA_TBF_BURST, u32],
  pburst: [tcaTbf.TCA_TBF_PBURST, u32],
} as const);

const htb = attributes({
  /** struct tc_htb_glob. */
  init: [tcaHtb.TCA_HTB_INIT, struct({ version: u32, rate2quantum: u32, defcls: u32, debug: u32, direct_pkts: u32 })],
  direct_qlen: [tcaHtb.TCA_HTB_DIRECT_QLEN, u32],
} as const);

const fqCodel = attributes({
  target: [tcaFqCodel.TCA_FQ_CODEL_TARGET, u32],
  limit: [tcaFqCodel.TCA_FQ_CODEL_LIMIT, u32],
  interval: [tcaFqCodel.TCA_FQ_CODEL_INTERVAL, u32],
  ecn: [tcaFqCodel.TCA_FQ_CODEL_ECN, u32],
  flows: [tcaFqCodel.TCA_FQ_CODEL_FLOWS, u32],
  quantum: [tcaFqCodel.TCA_FQ_CODEL_QUANTUM, u32],
  ce_threshold: [tcaFqCodel.TCA_FQ_CODEL_CE_THRESHOLD, u32],
  drop_batch: [tcaFqCodel.TCA_FQ_CODEL_DROP_BATCH_SIZE, u32],
  memory_limit: [tcaFqCodel.TCA_FQ_CODEL_MEMORY_LIMIT, u32],
} as const);

/** struct tc_netem_qopt: probabilities are of 2^32, times in ticks of 64 nanoseconds. */
const netemOptions = struct({ latency: u32, limit: u32, loss: u32, gap: u32, duplicate: u32, jitter: u32 });

const netemAttributes = attributes({
  latency64: [tcaNetem.TCA_NETEM_LATENCY64, s64],
  jitter64: [tcaNetem.TCA_NETEM_JITTER64, s64],
  rate: [tcaNetem.TCA_NETEM_RATE, struct({ rate: u32, packet_overhead: s32, cell_size: u32, cell_overhead: s32 })],
  rate64: [tcaNetem.TCA_NETEM_RATE64, u64],
  corr: [tcaNetem.TCA_NETEM_CORR, struct({ delay_corr: u32, loss_corr: u32, dup_corr: u32 })],
  reorder: [tcaNetem.TCA_NETEM_REORDER, struct({ probability: u32, correlation: u32 })],
  corrupt: [tcaNetem.TCA_NETEM_CORRUPT, struct({ probability: u32, correlation: u32 })],
} as const);

/** The options of netem: a structure and attributes behind it. */
export interface WireNetem {
  readonly options: ValueOf<typeof netemOptions>;
  readonly attributes: ValueOf<typeof netemAttributes>;
}

const netem: Codec<WireNetem> = {
  shape: { kind: 'struct', fields: { options: netemOptions, attributes: netemAttributes } },
  write(out, value) {
    netemOptions.write(out, value.options);
    netemAttributes.write(out, value.attributes);
  },
  read(bytes, at, end) {
    const options = netemOptions.read(bytes, at, end);
    return { options, attributes: netemAttributes.read(bytes, Math.min(end, at + align(netemOptions.size)), end) };
  },
};

/** TCA_OPTIONS by kind. */
export const qdiscOptions = { tbf, htb, fq_codel: fqCodel, netem } as const;

/** The options of a kind of queueing discipline that has a table here. */
export type WireQdiscOptions = { readonly [K in keyof typeof qdiscOptions]: ValueOf<(typeof qdiscOptions)[K]> };

/** The options' codec of a kind. */
export function optionsCodec(kind: string | undefined): Codec<unknown> {
  const table: Readonly<Record<string, Codec<unknown>>> = qdiscOptions;
  return kind !== undefined && Object.hasOwn(table, kind) ? table[kind]! : raw;
}

const qdiscTable = {
  kind: [tca.TCA_KIND, text],
  options: [tca.TCA_OPTIONS, raw],
  hw_offload: [tca.TCA_HW_OFFLOAD, u8],
  ingress_block: [tca.TCA_INGRESS_BLOCK, u32],
  egress_block: [tca.TCA_EGRESS_BLOCK, u32],
} as const;

/** RTM_NEWQDISC, RTM_DELQDISC, RTM_GETQDISC: tc(8). The options are read by {@link optionsCodec}. */
export const qdiscMessage = message(tcmsg, qdiscTable);

/** A queueing discipline as it is on the wire. */
export type QdiscMessage = ReturnType<typeof qdiscMessage.decode>;
