import type { Address } from '../address/address.ts';
import { toAddress } from '../address/compile.ts';
import { rtm } from '../constants/rtnetlink.ts';
import type { Link } from '../link/link.ts';
import { toLink } from '../link/present.ts';
import { addressMessage } from '../messages/address.ts';
import { linkMessage } from '../messages/link.ts';
import { neighbourMessage } from '../messages/neighbour.ts';
import { routeMessage } from '../messages/route.ts';
import { ruleMessage } from '../messages/rule.ts';
import { type FdbEntry, type Neighbour, toFdbEntry, toNeighbour } from '../neighbour/neighbour.ts';
import { toRoute } from '../route/present.ts';
import type { Route } from '../route/route.ts';
import { type Rule, toRule } from '../rule/rules.ts';
import type { LinkNames } from '../session.ts';
import type { RawMessage } from '../wire/message.ts';

/** Whether something is there, new or changed, or gone. */
export type EventAction = 'new' | 'delete';

/** Something that changed. `overrun` says that events were lost: list what matters again, and go on. */
export type NetlinkEvent =
  | { readonly event: 'link'; readonly action: EventAction; readonly link: Link }
  | { readonly event: 'address'; readonly action: EventAction; readonly address: Address }
  | { readonly event: 'route'; readonly action: EventAction; readonly route: Route }
  | { readonly event: 'rule'; readonly action: EventAction; readonly rule: Rule }
  | { readonly event: 'neighbour'; readonly action: EventAction; readonly neighbour: Neighbour }
  | { readonly event: 'fdb'; readonly action: EventAction; readonly entry: FdbEntry }
  | { readonly event: 'overrun' };

/** What can be watched. */
export type EventKind = Exclude<NetlinkEvent['event'], 'overrun'>;

const isIp = (family: unknown): boolean => family === 'inet' || family === 'inet6';

/** An event as callers see it; undefined for messages of other families and kinds. */
export function toEvent({ type, bytes, at, end }: RawMessage, names: LinkNames): NetlinkEvent | undefined {
  switch (type) {
    case rtm.RTM_NEWLINK:
    case rtm.RTM_DELLINK: {
      const message = linkMessage.decode(bytes, at, end);
      // Bridges tell of their ports once more, with another layout (AF_BRIDGE).
      if (message.header.family !== 0) return undefined;
      return { event: 'link', action: type === rtm.RTM_NEWLINK ? 'new' : 'delete', link: toLink(message, names) };
    }
    case rtm.RTM_NEWADDR:
    case rtm.RTM_DELADDR: {
      const action = type === rtm.RTM_NEWADDR ? 'new' : 'delete';
      return { event: 'address', action, address: toAddress(addressMessage.decode(bytes, at, end), names) };
    }
    case rtm.RTM_NEWROUTE:
    case rtm.RTM_DELROUTE: {
      if (!isIp(routeMessage.header.read(bytes, at, end).family)) return undefined;
      const action = type === rtm.RTM_NEWROUTE ? 'new' : 'delete';
      return { event: 'route', action, route: toRoute(routeMessage.decode(bytes, at, end), names) };
    }
    case rtm.RTM_NEWRULE:
    case rtm.RTM_DELRULE: {
      const action = type === rtm.RTM_NEWRULE ? 'new' : 'delete';
      return { event: 'rule', action, rule: toRule(ruleMessage.decode(bytes, at, end)) };
    }
    case rtm.RTM_NEWNEIGH:
    case rtm.RTM_DELNEIGH: {
      const message = neighbourMessage.decode(bytes, at, end);
      const action = type === rtm.RTM_NEWNEIGH ? 'new' : 'delete';
      if (message.header.family === 'bridge') return { event: 'fdb', action, entry: toFdbEntry(message, names) };
      return isIp(message.header.family)
        ? { event: 'neighbour', action, neighbour: toNeighbour(message, names) }
        : undefined;
    }
    default:
      return undefined;
  }
}
