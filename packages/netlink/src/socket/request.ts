import { rtm } from '../constants/rtnetlink.ts';
import type { AttributeTable } from '../wire/codec.ts';

/** One message to the kernel, compiled: what is left is to number and send it. */
export interface Request {
  /** nlmsg_type. */
  readonly type: number;
  /** nlmsg_flags beside NLM_F_REQUEST and NLM_F_ACK. */
  readonly flags: number;
  readonly payload: Uint8Array;
  /** What the request is about, for errors: `veth0`. */
  readonly subject: string;
  /** Names for the attributes, and where they begin in the payload, so that an error can say which one it is. */
  readonly layout?: { readonly table: AttributeTable; readonly header: { readonly size: number } };
}

/** Requests that belong together: they are sent at once, in order. */
export interface Operation {
  readonly requests: readonly Request[];
  /** Sent when one of them fails; its own failure is of no interest. */
  readonly undo?: Request;
  /** What must stay open until they are sent. */
  readonly holds?: readonly Disposable[];
}

const typeNames: ReadonlyMap<number, string> = new Map(Object.entries(rtm).map(([name, type]) => [type, name]));

/** `RTM_NEWLINK veth0`. */
export function describe({ type, subject }: Pick<Request, 'type' | 'subject'>): string {
  return `${typeNames.get(type) ?? `message ${type}`}${subject === '' ? '' : ` ${subject}`}`;
}
