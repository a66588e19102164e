import type { LinkMessage, WireLinkInfo, WireStats } from '../messages/link.ts';
import type { LinkNames } from '../session.ts';
import { withUnknown } from '../unknown.ts';
import { presentData, presentSlaveData } from './kinds.ts';
import type { Link, LinkFlag, LinkInfo, LinkStats } from './link.ts';

type Fields = Readonly<Record<string, unknown>>;

/** A link as callers see it. */
export function toLink({ header, attributes }: LinkMessage, names: LinkNames): Link {
  const {
    ifname,
    link,
    master,
    address,
    perm_address,
    linkinfo,
    af_spec,
    stats64,
    link_netnsid,
    altnames,
    alt_ifname: _alt,
    new_netnsid: _newId,
    new_ifindex: _newIndex,
    net_ns_pid: _pid,
    net_ns_fd: _fd,
    ext_mask: _mask,
    carrier_up_count: _up,
    carrier_down_count: _down,
    unknown,
    ...same
  } = attributes;
  const addr_gen_mode = af_spec?.inet6?.addr_gen_mode;
  const presented: Link = {
    ifindex: header.index,
    ...below(link, link_netnsid, names),
    ifname: ifname ?? `if${header.index}`,
    flags: presentFlags(header.flags),
    ...same,
    ...(master && { master: names.nameOf(master) }),
    link_type: header.type,
    ...(address !== undefined && { address }),
    ...(perm_address !== undefined && perm_address !== address && { permaddr: perm_address }),
    ...(link_netnsid !== undefined && { link_netnsid }),
    ...(linkinfo && { linkinfo: presentInfo(linkinfo, names) }),
    ...(addr_gen_mode !== undefined && { inet6_addr_gen_mode: addr_gen_mode }),
    ...(altnames && { altnames }),
    ...(stats64 && { stats64: presentStats(stats64) }),
  };
  return withUnknown(presented, unknown);
}

function below(
  link: number | undefined,
  netnsid: number | undefined,
  names: LinkNames,
): Pick<Link, 'link' | 'link_index'> {
  if (link === undefined) return {};
  if (link === 0) return { link: null };
  return netnsid === undefined ? { link: names.nameOf(link) } : { link_index: link };
}

function presentFlags(flags: LinkMessage['header']['flags']): readonly LinkFlag[] {
  const rest = flags.filter((flag) => flag !== 'RUNNING');
  return flags.includes('UP') && !flags.includes('RUNNING') ? ['NO-CARRIER', ...rest] : rest;
}

function presentInfo(info: WireLinkInfo, names: LinkNames): LinkInfo {
  const { info_kind, info_data, info_slave_kind, info_slave_data } = info;
  const data =
    info_data instanceof Uint8Array || info_kind === undefined || info_data === undefined
      ? info_data
      : presentData(info_kind, info_data as Fields, names);
  const portData =
    info_slave_data instanceof Uint8Array || info_slave_kind === undefined || info_slave_data === undefined
      ? info_slave_data
      : presentSlaveData(info_slave_kind, info_slave_data as Fields, names);
  const presented = {
    ...(info_kind !== undefined && { info_kind }),
    ...(data !== undefined && { info_data: data as LinkInfo['info_data'] }),
    ...(info_slave_kind !== undefined && { info_slave_kind }),
    ...(portData !== undefined && { info_slave_data: portData as LinkInfo['info_slave_data'] }),
  } as LinkInfo;
  return withUnknown(presented, info.unknown);
}

function presentStats(stats: WireStats): LinkStats {
  return {
    rx: {
      bytes: stats.rx_bytes,
      packets: stats.rx_packets,
      errors: stats.rx_errors,
      dropped: stats.rx_dropped,
      over_errors: stats.rx_over_errors,
      multicast: stats.multicast,
      length_errors: stats.rx_length_errors,
      crc_errors: stats.rx_crc_errors,
      frame_errors: stats.rx_frame_errors,
      fifo_errors: stats.rx_fifo_errors,
      missed_errors: stats.rx_missed_errors,
      nohandler: stats.rx_nohandler,
      compressed: stats.rx_compressed,
    },
    tx: {
      bytes: stats.tx_bytes,
      packets: stats.tx_packets,
      errors: stats.tx_errors,
      dropped: stats.tx_dropped,
      carrier_errors: stats.tx_carrier_errors,
      collisions: stats.collisions,
      aborted_errors: stats.tx_aborted_errors,
      fifo_errors: stats.tx_fifo_errors,
      window_errors: stats.tx_window_errors,
      heartbeat_errors: stats.tx_heartbeat_errors,
      compressed: stats.tx_compressed,
    },
  };
}
