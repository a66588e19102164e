import { NetlinkError } from '@nsinit/netlink';
import {
  decodeAck,
  NetlinkSocket,
  nla,
  nlm,
  nlmsg,
  splitMessages,
  Writer,
  writeAttribute,
  writeMessage,
} from '@nsinit/netlink/wire';
import type { FdNumber } from '@nsinit/syscall';

/** linux/netfilter/nfnetlink.h, nf_tables.h and netfilter.h, as far as this file needs them. */
const NETLINK_NETFILTER = 12;
const NFPROTO_INET = 1;
const NFNL_SUBSYS_NFTABLES = 10;
const NFNL_MSG_BATCH_BEGIN = 0x10;
const NFNL_MSG_BATCH_END = 0x11;
const NF_INET_POST_ROUTING = 4;
const NF_IP_PRI_NAT_SRC = 100;
const messages = { NEWTABLE: 0, DELTABLE: 2, NEWCHAIN: 3, NEWRULE: 6 } as const;
const TABLE_NAME = 1;
const chain = { TABLE: 1, NAME: 3, HOOK: 4, TYPE: 7 } as const;
const hook = { HOOKNUM: 1, PRIORITY: 2 } as const;
const rule = { TABLE: 1, CHAIN: 2, EXPRESSIONS: 4 } as const;
const LIST_ELEM = 1;
const expression = { NAME: 1, DATA: 2 } as const;
const meta = { DREG: 1, KEY: 2, IIFNAME: 6, OIFNAME: 7 } as const;
const compare = { SREG: 1, OP: 2, DATA: 3, EQ: 0, NEQ: 1 } as const;
const DATA_VALUE = 1;
const REG_1 = 1;

/** linux/if.h */
const IFNAMSIZ = 16;

const nested = (out: Writer, type: number, body: () => void): void =>
  writeAttribute(out, type | nla.NLA_F_NESTED, () => body());

const text = (out: Writer, type: number, value: string): void =>
  writeAttribute(out, type, (to) => to.append(Buffer.from(`${value}\0`)));

const be32 = (out: Writer, type: number, value: number): void =>
  writeAttribute(out, type, (to) => {
    const at = to.reserve(4);
    to.view.setUint32(at, value, false);
  });

/** struct nfgenmsg: family, version, and in network byte order an id. */
function header(out: Writer, family: number, resource: number): void {
  const at = out.reserve(4);
  out.view.setUint8(at, family);
  out.view.setUint16(at + 2, resource, false);
}

/** Changes of nftables that are made together or not at all, in tables of the family inet. */
export class Nftables {
  readonly #out = new Writer(1024);
  readonly #about: string[] = [];

  #put(type: number, flags: number, about: string, payload: Uint8Array): void {
    this.#about.push(about);
    writeMessage(this.#out, { type, flags: flags | nlm.NLM_F_REQUEST, sequence: this.#about.length }, payload);
  }

  /** Begin and end of the transaction. */
  boundary(type: typeof NFNL_MSG_BATCH_BEGIN | typeof NFNL_MSG_BATCH_END): void {
    const out = new Writer(4);
    header(out, 0, NFNL_SUBSYS_NFTABLES);
    this.#put(type, 0, 'commit', out.bytes());
  }

  #change(message: keyof typeof messages, flags: number, about: string, body: (out: Writer) => void): void {
    const out = new Writer(256);
    header(out, NFPROTO_INET, 0);
    body(out);
    // Each says that it succeeded: the end of a transaction does so in newer kernels only.
    const type = (NFNL_SUBSYS_NFTABLES << 8) | messages[message];
    this.#put(type, flags | nlm.NLM_F_ACK, `${message} ${about}`, out.bytes());
  }

  /** Makes a table, unless it is there. */
  addTable(table: string): void {
    this.#change('NEWTABLE', nlm.NLM_F_CREATE, table, (out) => text(out, TABLE_NAME, table));
  }

  /** Deletes a table with all that is in it. */
  deleteTable(table: string): void {
    this.#change('DELTABLE', 0, table, (out) => text(out, TABLE_NAME, table));
  }

  /** Makes a chain that translates addresses of packets that are about to leave. */
  addNatChain(table: string, name: string): void {
    this.#change('NEWCHAIN', nlm.NLM_F_CREATE, `${table} ${name}`, (out) => {
      text(out, chain.TABLE, table);
      text(out, chain.NAME, name);
      nested(out, chain.HOOK, () => {
        be32(out, hook.HOOKNUM, NF_INET_POST_ROUTING);
        be32(out, hook.PRIORITY, NF_IP_PRI_NAT_SRC);
      });
      text(out, chain.TYPE, 'nat');
    });
  }

  /** `iifname NAME oifname != NAME masquerade` */
  addMasqueradeRule(table: string, name: string, ifname: string): void {
    this.#change('NEWRULE', nlm.NLM_F_CREATE | nlm.NLM_F_APPEND, `${table} ${name}`, (out) => {
      text(out, rule.TABLE, table);
      text(out, rule.CHAIN, name);
      nested(out, rule.EXPRESSIONS, () => {
        compareName(out, meta.IIFNAME, compare.EQ, ifname);
        compareName(out, meta.OIFNAME, compare.NEQ, ifname);
        expressionOf(out, 'masq', () => {});
      });
    });
  }

  /**
   * Has the kernel do it.
   *
   * @throws {NetlinkError} `EOPNOTSUPP` or `ENOENT` when this kernel has no nftables or no masquerading.
   */
  commit(netns?: FdNumber): void {
    using socket = new NetlinkSocket({ protocol: NETLINK_NETFILTER, ...(netns && { netns: netns.fd }) });
    socket.send(this.#out.bytes());
    const waiting = new Set(this.#about.flatMap((about, index) => (about === 'commit' ? [] : [index + 1])));
    while (waiting.size > 0) {
      for (const message of splitMessages(socket.receiveAnswer())) {
        if (message.type !== nlmsg.NLMSG_ERROR) continue;
        const ack = decodeAck(message);
        const about = this.#about[message.sequence - 1] ?? 'commit';
        if (ack.errno !== 0) throw new NetlinkError(`nftables ${about}`, ack.errno, ack);
        waiting.delete(message.sequence);
      }
    }
  }
}

function expressionOf(out: Writer, name: string, body: () => void): void {
  nested(out, LIST_ELEM, () => {
    text(out, expression.NAME, name);
    nested(out, expression.DATA, body);
  });
}

function compareName(out: Writer, key: number, op: number, ifname: string): void {
  expressionOf(out, 'meta', () => {
    be32(out, meta.KEY, key);
    be32(out, meta.DREG, REG_1);
  });
  expressionOf(out, 'cmp', () => {
    be32(out, compare.SREG, REG_1);
    be32(out, compare.OP, op);
    nested(out, compare.DATA, () => writeAttribute(out, DATA_VALUE, (to) => to.append(padded(ifname))));
  });
}

/** A name as the kernel compares it: with zeroes behind it. */
function padded(ifname: string): Uint8Array {
  const bytes = Buffer.alloc(IFNAMSIZ);
  bytes.write(ifname);
  return bytes;
}

/**
 * Makes changes in one transaction.
 *
 * @param netns the network namespace; undefined: that of this thread.
 */
export function nftables(fill: (changes: Nftables) => void, netns?: FdNumber): void {
  const changes = new Nftables();
  changes.boundary(NFNL_MSG_BATCH_BEGIN);
  fill(changes);
  changes.boundary(NFNL_MSG_BATCH_END);
  changes.commit(netns);
}
