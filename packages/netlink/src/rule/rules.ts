import { nlm } from '../constants/netlink.ts';
import { rtm } from '../constants/rtnetlink.ts';
import { inField, NetlinkInputError } from '../errors.ts';
import type { protocolNames, ruleActionNames, tableNames } from '../messages/names.ts';
import { tableNames as tables } from '../messages/names.ts';
import { type RuleMessage, ruleMessage } from '../messages/rule.ts';
import type { Session, Transport } from '../session.ts';
import type { Request } from '../socket/request.ts';
import { bitsOfFamily, type IpFamily } from '../text/ip.ts';
import { network, parsePrefix } from '../text/prefix.ts';
import { withUnknown } from '../unknown.ts';
import type { UnknownAttribute } from '../wire/attributes.ts';
import type { RawMessage } from '../wire/message.ts';
import { type Named, numberOf } from '../wire/names.ts';

/** First and last of a range. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

/** What a rule looks at and does; everything that is given must be true of a packet. */
export interface RuleFields {
  /** Rules are tried from the lowest; the kernel picks one below all others when undefined. */
  readonly priority?: number;
  /** Whether it is for packets of which the rest is not true. */
  readonly not?: boolean;
  /** Link that a packet came in by. */
  readonly iif?: string;
  /** Link that a packet of this host's shall leave by. */
  readonly oif?: string;
  readonly tos?: number;
  readonly fwmark?: number;
  readonly fwmask?: number;
  /** 6 for TCP, 17 for UDP. */
  readonly ipproto?: number;
  readonly sport?: Range;
  readonly dport?: Range;
  /** Users whose packets it is for. */
  readonly uid_range?: Range;
  /** Whether the table is that of the packet's VRF. */
  readonly l3mdev?: boolean;
  /** Routes with a prefix of this length or shorter do not count. */
  readonly suppress_prefixlen?: number;
  readonly suppress_ifgroup?: number;
  /** The priority of the rule to go on with, for the action `goto`. */
  readonly goto?: number;
  readonly realms?: number;
}

/** A rule that chooses a routing table, with the names that `ip -j rule` uses. It can be given back to {@link Rules.add}. */
export interface Rule extends RuleFields {
  readonly family: IpFamily;
  readonly priority: number;
  /** `all`, or an address; {@link Rule.srclen} is how many bits of it count, undefined for all of them. */
  readonly src: string;
  readonly srclen?: number;
  readonly dst?: string;
  readonly dstlen?: number;
  /** The table it looks in, when that is its action. */
  readonly table?: Named<typeof tableNames>;
  readonly action: Named<typeof ruleActionNames>;
  readonly protocol?: Named<typeof protocolNames>;
  /** Attributes that this library has no name for; not enumerable. */
  readonly unknown?: readonly UnknownAttribute[];
}

/** A rule to be made or deleted. */
export interface RuleSettings extends RuleFields {
  /** Of a rule without addresses; IPv4 when undefined. */
  readonly family?: IpFamily;
  /** `all`, an address, or a network; of all addresses when undefined. */
  readonly src?: string;
  readonly srclen?: number;
  readonly dst?: string;
  readonly dstlen?: number;
  /** `main` when undefined. */
  readonly table?: Named<typeof tableNames>;
  /** `to_tbl`, or `goto` beside a goto, when undefined. */
  readonly action?: Named<typeof ruleActionNames>;
  readonly protocol?: Named<typeof protocolNames>;
}

function selector(
  value: string | undefined,
  length: number | undefined,
  field: 'src' | 'dst',
  family: IpFamily,
): ReturnType<typeof parsePrefix> | undefined {
  if (value === undefined) return undefined;
  const written = length === undefined || value.includes('/') || value === 'all' ? value : `${value}/${length}`;
  const prefix = parsePrefix(written, field, family);
  if (prefix.family !== family) throw new NetlinkInputError(field, `${prefix.address} is not of the family ${family}`);
  return prefix;
}

function familyOfRule({ family, src, dst }: RuleSettings): IpFamily {
  for (const [field, value] of Object.entries({ src, dst }))
    if (value !== undefined && /[.:]/.test(value)) return parsePrefix(value, field).family;
  return family ?? 'inet';
}

function compileRule(type: number, flags: number, settings: RuleSettings): Request {
  const family = familyOfRule(settings);
  const src = selector(settings.src, settings.srclen, 'src', family);
  const dst = selector(settings.dst, settings.dstlen, 'dst', family);
  const { priority, not, iif, oif, fwmark, fwmask, ipproto, sport, dport, uid_range, l3mdev } = settings;
  const { suppress_prefixlen, suppress_ifgroup, goto, realms, protocol } = settings;
  const deleting = type === rtm.RTM_DELRULE;
  const action =
    settings.action ?? (goto === undefined ? (deleting && settings.table === undefined ? 'unspec' : 'to_tbl') : 'goto');
  const looksUp = action === 'to_tbl' && l3mdev !== true;
  const table =
    settings.table === undefined
      ? looksUp
        ? tables.main
        : 0
      : inField('table', () => numberOf(tables, settings.table!));
  const attributes: RuleMessage['attributes'] = {
    ...(priority !== undefined && { priority }),
    ...(src && src.length > 0 && { src: network(src) }),
    ...(dst && dst.length > 0 && { dst: network(dst) }),
    ...(table > 255 && { table }),
    ...(iif !== undefined && { iif }),
    ...(oif !== undefined && { oif }),
    ...(fwmark !== undefined && { fwmark }),
    ...(fwmask !== undefined && { fwmask }),
    ...(goto !== undefined && { goto }),
    ...(realms !== undefined && { realms }),
    ...(suppress_prefixlen !== undefined && { suppress_prefixlen }),
    ...(suppress_ifgroup !== undefined && { suppress_ifgroup }),
    ...(l3mdev && { l3mdev: 1 }),
    ...(uid_range && { uid_range }),
    ...(ipproto !== undefined && { ipproto }),
    ...(sport && { sport }),
    ...(dport && { dport }),
    ...(protocol !== undefined && { protocol }),
  };
  const header: Partial<RuleMessage['header']> = {
    family,
    src_len: src?.length ?? 0,
    dst_len: dst?.length ?? 0,
    tos: settings.tos ?? 0,
    table: table > 255 ? 0 : table,
    action,
    flags: not ? ['not'] : [],
  };
  const subject = priority === undefined ? '' : `priority ${priority}`;
  return { type, flags, payload: ruleMessage.encode(header, attributes), subject, layout: ruleMessage };
}

/** A rule as callers see it. */
export function toRule({ header, attributes }: RuleMessage): Rule {
  const { src, dst, priority = 0, table, l3mdev, protocol, unknown, ...same } = attributes;
  const family: IpFamily = header.family === 'inet6' ? 'inet6' : 'inet';
  const bits = bitsOfFamily(family);
  const { fwmask, suppress_ifgroup, suppress_prefixlen, goto, realms, ...kept } = same;
  const NONE = 0xffff_ffff;
  const rule: Rule = {
    family,
    priority,
    ...(header.flags.includes('not') && { not: true }),
    src: src ?? (header.src_len > 0 ? (family === 'inet' ? '0.0.0.0' : '::') : 'all'),
    ...(header.src_len > 0 && header.src_len < bits && { srclen: header.src_len }),
    ...(header.dst_len > 0 && { dst: dst ?? (family === 'inet' ? '0.0.0.0' : '::') }),
    ...(header.dst_len > 0 && header.dst_len < bits && { dstlen: header.dst_len }),
    ...(header.tos !== 0 && { tos: header.tos }),
    ...kept,
    // The mask of a whole mark says nothing.
    ...(fwmask !== undefined && fwmask !== NONE && { fwmask }),
    ...(suppress_prefixlen !== undefined && suppress_prefixlen !== NONE && { suppress_prefixlen }),
    ...(suppress_ifgroup !== undefined && suppress_ifgroup !== NONE && { suppress_ifgroup }),
    ...(goto !== undefined && header.action === 'goto' && { goto }),
    ...(realms !== undefined && realms !== 0 && { realms }),
    ...(l3mdev && { l3mdev: true }),
    ...(header.action === 'to_tbl' && !l3mdev && { table: table ?? (header.table as Named<typeof tableNames>) }),
    action: header.action,
    ...(protocol !== undefined && { protocol }),
  };
  return withUnknown(rule, unknown);
}

/** Changes of rules, done at once or queued. */
export class RuleChanges {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /**
   * Makes a rule. Needs CAP_NET_ADMIN.
   *
   * ```ts
   * nl.rules.add({ src: '10.0.0.0/8', table: 100, priority: 1000 });
   * ```
   *
   * @throws {NetlinkError} `EEXIST` there is the same one.
   */
  add(settings: RuleSettings): void {
    const flags = nlm.NLM_F_CREATE | nlm.NLM_F_EXCL;
    this.#transport.perform({ requests: [compileRule(rtm.RTM_NEWRULE, flags, settings)] });
  }

  /**
   * Deletes the first rule that matches all that is given.
   *
   * @throws {NetlinkError} `ENOENT` there is none.
   */
  delete(settings: RuleSettings): void {
    this.#transport.perform({ requests: [compileRule(rtm.RTM_DELRULE, 0, settings)] });
  }
}

/** Rules that choose routing tables: `ip rule`. */
export class Rules extends RuleChanges {
  readonly #session: Session;

  constructor(session: Session) {
    super(session);
    this.#session = session;
  }

  /** The rules of one family, or of both, in the order in which they are tried. */
  list({ family }: { readonly family?: IpFamily } = {}): readonly Rule[] {
    const families: readonly IpFamily[] = family ? [family] : ['inet', 'inet6'];
    return families.flatMap((own) => {
      const request = {
        type: rtm.RTM_GETRULE,
        flags: 0,
        payload: ruleMessage.encode({ family: own }),
        subject: '',
        layout: ruleMessage,
      };
      return this.#session.exchange.dump(request, ({ bytes, at, end }: RawMessage) =>
        toRule(ruleMessage.decode(bytes, at, end)),
      );
    });
  }
}
