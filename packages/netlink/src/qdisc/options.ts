import { NetlinkInputError } from '../errors.ts';
import type { WireQdiscOptions } from '../messages/qdisc.ts';

/** Token bucket: no more than a rate goes out. */
export interface TbfOptions {
  /** Bytes a second. */
  readonly rate: number;
  /** Bytes that may go out at once. */
  readonly burst: number;
  /** Bytes that may wait; given instead of {@link TbfOptions.lat}. */
  readonly limit?: number;
  /** How long a packet may wait, in microseconds. */
  readonly lat?: number;
  /** Bytes a second within a burst. */
  readonly peakrate?: number;
  /** Bytes that go out at the peak rate at once: at least the MTU. */
  readonly minburst?: number;
}

/** Hierarchical token bucket, without its classes. */
export interface HtbOptions {
  /** The minor number of the class of packets that no filter classifies; 0 for none. */
  readonly default?: number;
  /** Rate to quantum; 10 when undefined. */
  readonly r2q?: number;
  /** Packets that may wait outside of classes. */
  readonly direct_qlen?: number;
  /** Packets that went past all classes. Read only. */
  readonly direct_packets_stat?: number;
}

/** Fair queues that drop early when packets wait long. */
export interface FqCodelOptions {
  /** Packets that may wait. */
  readonly limit?: number;
  /** Queues; only when it is made. */
  readonly flows?: number;
  /** Bytes that a queue sends before the next one's turn. */
  readonly quantum?: number;
  /** Acceptable wait in microseconds. */
  readonly target?: number;
  /** In microseconds. */
  readonly interval?: number;
  /** In bytes. */
  readonly memory_limit?: number;
  /** Whether packets are marked in place of dropped. */
  readonly ecn?: boolean;
  /** In microseconds. */
  readonly ce_threshold?: number;
  readonly drop_batch?: number;
}

/** Bad networks for tests. Probabilities are 0 to 1, times in seconds. */
export interface NetemOptions {
  /** Packets that may wait; 1000 when undefined. */
  readonly limit?: number;
  readonly delay?: { readonly delay: number; readonly jitter?: number; readonly correlation?: number };
  readonly 'loss-random'?: { readonly loss: number; readonly correlation?: number };
  readonly duplicate?: { readonly duplicate: number; readonly correlation?: number };
  readonly reorder?: { readonly reorder: number; readonly correlation?: number };
  readonly corrupt?: { readonly corrupt: number; readonly correlation?: number };
  /** Every how manyth packet is reordered. */
  readonly gap?: number;
  /** Bytes a second. */
  readonly rate?: { readonly rate: number };
}

/** The options of the kinds that have a table here. */
export interface QdiscOptions {
  readonly tbf: TbfOptions;
  readonly htb: HtbOptions;
  readonly fq_codel: FqCodelOptions;
  readonly netem: NetemOptions;
}

/** A tick of the packet scheduler in nanoseconds (PSCHED_SHIFT 6). */
const TICK_NS = 64;
const U32 = 0xffff_ffff;
/** TC_LINKLAYER_ETHERNET: the kernel computes with rates itself and needs no tables. */
const ETHERNET = 1;

function ratespec(bytesPerSecond: number): NonNullable<WireQdiscOptions['tbf']['parms']>['rate'] {
  return { cell_log: 0, linklayer: ETHERNET, overhead: 0, cell_align: 0, mpu: 0, rate: Math.min(bytesPerSecond, U32) };
}

function compileTbf({ rate, burst, limit, lat, peakrate = 0, minburst }: TbfOptions): WireQdiscOptions['tbf'] {
  if (!(rate > 0)) throw new NetlinkInputError('rate', `${rate} is not a number of bytes a second`);
  if (!(burst > 0)) throw new NetlinkInputError('burst', `${burst} is not a number of bytes`);
  if (limit === undefined && lat === undefined) throw new NetlinkInputError('limit', 'needed, or lat');
  if (peakrate > 0 && minburst === undefined) throw new NetlinkInputError('minburst', 'needed beside peakrate');
  const waiting = limit ?? Math.floor((rate * lat!) / 1e6 + burst);
  return {
    parms: { rate: ratespec(rate), peakrate: ratespec(peakrate), limit: Math.floor(waiting), buffer: 0, mtu: 0 },
    burst: Math.floor(burst),
    ...(rate > U32 && { rate64: BigInt(Math.floor(rate)) }),
    ...(peakrate > U32 && { prate64: BigInt(Math.floor(peakrate)) }),
    ...(minburst !== undefined && { pburst: Math.floor(minburst) }),
  };
}

function presentTbf({ parms, rate64, prate64 }: WireQdiscOptions['tbf']): TbfOptions | undefined {
  if (!parms) return undefined;
  const rate = Number(rate64 ?? parms.rate.rate);
  const peakrate = Number(prate64 ?? parms.peakrate.rate);
  const bytesIn = (ticks: number, perSecond: number): number => Math.round((ticks * TICK_NS * perSecond) / 1e9);
  const burst = bytesIn(parms.buffer, rate);
  return {
    rate,
    burst,
    limit: parms.limit,
    ...(rate > 0 && { lat: Math.round(((parms.limit - burst) / rate) * 1e6) }),
    ...(peakrate > 0 && { peakrate, minburst: bytesIn(parms.mtu, peakrate) }),
  };
}

function compileHtb({ default: defcls = 0, r2q = 10, direct_qlen }: HtbOptions): WireQdiscOptions['htb'] {
  return {
    init: { version: 3, rate2quantum: r2q, defcls, debug: 0, direct_pkts: 0 },
    ...(direct_qlen !== undefined && { direct_qlen }),
  };
}

function presentHtb({ init, direct_qlen }: WireQdiscOptions['htb']): HtbOptions {
  return {
    ...(init && { r2q: init.rate2quantum, default: init.defcls, direct_packets_stat: init.direct_pkts }),
    ...(direct_qlen !== undefined && { direct_qlen }),
  };
}

function compileFqCodel({ ecn, ...same }: FqCodelOptions): WireQdiscOptions['fq_codel'] {
  return { ...same, ...(ecn !== undefined && { ecn: ecn ? 1 : 0 }) };
}

function presentFqCodel({ ecn, unknown: _unknown, ...same }: WireQdiscOptions['fq_codel']): FqCodelOptions {
  return { ...same, ...(ecn !== undefined && { ecn: ecn !== 0 }) };
}

function probability(value: number | undefined, field: string): number {
  if (value === undefined) return 0;
  if (!(value >= 0 && value <= 1)) throw new NetlinkInputError(field, `${value} is not 0 to 1`);
  return Math.round(value * U32);
}

const share = (bits: number): number => bits / U32;
const nanoseconds = (seconds: number): bigint => BigInt(Math.round(seconds * 1e9));

function compileNetem(options: NetemOptions): WireQdiscOptions['netem'] {
  const { limit = 1000, delay, 'loss-random': loss, duplicate, reorder, corrupt, rate } = options;
  const correlations = [delay, loss, duplicate].some((part) => part?.correlation !== undefined);
  return {
    options: {
      latency: 0,
      jitter: 0,
      limit,
      loss: probability(loss?.loss, 'loss-random.loss'),
      gap: options.gap ?? (reorder ? 1 : 0),
      duplicate: probability(duplicate?.duplicate, 'duplicate.duplicate'),
    },
    attributes: {
      ...(delay && { latency64: nanoseconds(delay.delay), jitter64: nanoseconds(delay.jitter ?? 0) }),
      ...(correlations && {
        corr: {
          delay_corr: probability(delay?.correlation, 'delay.correlation'),
          loss_corr: probability(loss?.correlation, 'loss-random.correlation'),
          dup_corr: probability(duplicate?.correlation, 'duplicate.correlation'),
        },
      }),
      ...(reorder && {
        reorder: {
          probability: probability(reorder.reorder, 'reorder.reorder'),
          correlation: probability(reorder.correlation, 'reorder.correlation'),
        },
      }),
      ...(corrupt && {
        corrupt: {
          probability: probability(corrupt.corrupt, 'corrupt.corrupt'),
          correlation: probability(corrupt.correlation, 'corrupt.correlation'),
        },
      }),
      ...(rate && {
        ...(rate.rate > U32 && { rate64: BigInt(Math.floor(rate.rate)) }),
        rate: { rate: Math.min(Math.floor(rate.rate), U32), packet_overhead: 0, cell_size: 0, cell_overhead: 0 },
      }),
    },
  };
}

function presentNetem({ options, attributes }: WireQdiscOptions['netem']): NetemOptions {
  const { latency64, jitter64, corr, reorder, corrupt, rate, rate64 } = attributes;
  const delay = latency64 === undefined ? (options.latency * TICK_NS) / 1e9 : Number(latency64) / 1e9;
  const jitter = jitter64 === undefined ? (options.jitter * TICK_NS) / 1e9 : Number(jitter64) / 1e9;
  const bytes = Number(rate64 ?? rate?.rate ?? 0);
  return {
    limit: options.limit,
    ...(delay > 0 && { delay: { delay, jitter, correlation: share(corr?.delay_corr ?? 0) } }),
    ...(options.loss > 0 && { 'loss-random': { loss: share(options.loss), correlation: share(corr?.loss_corr ?? 0) } }),
    ...(options.duplicate > 0 && {
      duplicate: { duplicate: share(options.duplicate), correlation: share(corr?.dup_corr ?? 0) },
    }),
    ...(reorder &&
      reorder.probability > 0 && {
        reorder: { reorder: share(reorder.probability), correlation: share(reorder.correlation) },
      }),
    ...(corrupt &&
      corrupt.probability > 0 && {
        corrupt: { corrupt: share(corrupt.probability), correlation: share(corrupt.correlation) },
      }),
    ...(options.gap > 0 && { gap: options.gap }),
    ...(bytes > 0 && { rate: { rate: bytes } }),
  };
}

interface Kind<K extends keyof QdiscOptions> {
  compile(options: QdiscOptions[K]): WireQdiscOptions[K];
  present(wire: WireQdiscOptions[K]): QdiscOptions[K] | undefined;
}

const kinds: { readonly [K in keyof QdiscOptions]: Kind<K> } = {
  tbf: { compile: compileTbf, present: presentTbf },
  htb: { compile: compileHtb, present: presentHtb },
  fq_codel: { compile: compileFqCodel, present: presentFqCodel },
  netem: { compile: compileNetem, present: presentNetem },
};

/** Whether the options of a kind have a table here. */
export function isKnownKind(kind: string | undefined): kind is keyof QdiscOptions {
  return kind !== undefined && Object.hasOwn(kinds, kind);
}

/** Options to what the kernel takes. */
export function compileOptions<K extends keyof QdiscOptions>(kind: K, options: QdiscOptions[K]): WireQdiscOptions[K] {
  return kinds[kind].compile(options);
}

/** What the kernel says to options. */
export function presentOptions<K extends keyof QdiscOptions>(
  kind: K,
  wire: WireQdiscOptions[K],
): QdiscOptions[K] | undefined {
  return kinds[kind].present(wire);
}
