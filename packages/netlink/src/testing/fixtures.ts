import { readFileSync } from 'node:fs';

/** Messages of one dump as a kernel sent them, and what iproute2 said of them at that moment. */
export interface Recorded {
  readonly messages: readonly Uint8Array[];
  readonly ip: readonly Record<string, unknown>[];
}

/** Requests as `ip` sent them: the words of the command, and the bytes. */
export interface RecordedRequests {
  readonly indexes: Readonly<Record<string, number>>;
  readonly requests: readonly { readonly command: string; readonly request: string }[];
}

const read = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`../fixtures/${name}`, import.meta.url), 'utf8'));

/** A recorded dump: `link`, `route`. */
export function recorded(name: string): Recorded {
  const { messages, ip } = read(`kernel-6.18-${name}.json`) as { messages: string[]; ip: Recorded['ip'] };
  return { messages: messages.map((hex) => Uint8Array.from(Buffer.from(hex, 'hex'))), ip };
}

/** What `ip` sent for some commands. */
export function recordedRequests(): RecordedRequests {
  return read('iproute2-6.1-requests.json') as RecordedRequests;
}
