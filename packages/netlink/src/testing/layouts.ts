import { rtm } from '../constants/rtnetlink.ts';
import { addressMessage } from '../messages/address.ts';
import { linkMessage } from '../messages/link.ts';
import { neighbourMessage } from '../messages/neighbour.ts';
import { qdiscMessage } from '../messages/qdisc.ts';
import { routeMessage } from '../messages/route.ts';
import { ruleMessage } from '../messages/rule.ts';
import type { AttributeTable } from '../wire/codec.ts';
import type { MessageLayout } from '../wire/message.ts';

/** A layout of any message. */
export type AnyLayout = MessageLayout<unknown, AttributeTable>;

/** Every kind of message. */
export const layouts = {
  link: linkMessage,
  address: addressMessage,
  route: routeMessage,
  rule: ruleMessage,
  neighbour: neighbourMessage,
  fdb: neighbourMessage,
  qdisc: qdiscMessage,
} as unknown as Readonly<Record<string, AnyLayout>>;

/** The layout of a message by its type. */
export function layoutOf(type: number): AnyLayout {
  const found = Object.entries(rtm).find(([, number]) => number === type)?.[0] ?? '';
  const name = found.replace(/^RTM_(NEW|DEL|GET|SET)/, '');
  const names: Readonly<Record<string, string>> = {
    LINK: 'link',
    ADDR: 'address',
    ROUTE: 'route',
    RULE: 'rule',
    NEIGH: 'neighbour',
    QDISC: 'qdisc',
  };
  return layouts[names[name]!]!;
}
