import { type Codec, codecOf } from '../protobuf/codec.ts';
import type { MessageOf, Schema } from '../protobuf/schema.ts';

/** The statistics that CRIU leaves in its working directory: times in microseconds, memory in pages. */
export const statsSchema = {
  enums: {},
  messages: {
    dump_stats_entry: {
      freezing_time: 'required uint32 1',
      frozen_time: 'required uint32 2',
      memdump_time: 'required uint32 3',
      memwrite_time: 'required uint32 4',
      pages_scanned: 'required uint64 5',
      pages_skipped_parent: 'required uint64 6',
      pages_written: 'required uint64 7',
      irmap_resolve: 'optional uint32 8',
      pages_lazy: 'required uint64 9',
      page_pipes: 'optional uint64 10',
      page_pipe_bufs: 'optional uint64 11',
      shpages_scanned: 'optional uint64 12',
      shpages_skipped_parent: 'optional uint64 13',
      shpages_written: 'optional uint64 14',
    },
    restore_stats_entry: {
      pages_compared: 'required uint64 1',
      pages_skipped_cow: 'required uint64 2',
      forking_time: 'required uint32 3',
      restore_time: 'required uint32 4',
      pages_restored: 'optional uint64 5',
    },
    stats_entry: { dump: 'optional dump_stats_entry 1', restore: 'optional restore_stats_entry 2' },
  },
} as const satisfies Schema;

/** What such a file holds. */
export type StatsEntry = MessageOf<typeof statsSchema, 'stats_entry'>;

/** The entry of a statistics file as bytes. */
export const statsCodec: Codec<typeof statsSchema> = codecOf(statsSchema);
