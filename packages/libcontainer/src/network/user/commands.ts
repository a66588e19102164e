import type { Network, PortForward } from '@nsinit/config';
import { nameOf } from '../owner.ts';

/** What a program of a user network is told beside the configuration. */
export interface UserNetworkPlace {
  /** The process whose network namespace it serves. */
  readonly pid: number | 'PID';
  /** The named pipe to which it writes when the network is ready. */
  readonly ready: string;
}

/** Numbers of the descriptors that slirp4netns gets. */
export const slirpDescriptors = { ready: 3, directory: 4 } as const;

/** Name of the socket at which slirp4netns takes orders, in the directory of the container's state. */
export const slirpSocket = 'slirp4netns.sock';

/**
 * The words of pasta(1). Nothing is passed on that was not asked for: by itself it forwards every port on which something
 * listens, both ways, and lets the gateway lead to the host's loopback interface.
 */
export function pastaWords(network: Network, { pid, ready }: UserNetworkPlace): readonly string[] {
  const { mtu, address, gateway, dns, hostLoopback, ports = [] } = network;
  const [ip, length] = address?.split('/') ?? [];
  const of = (protocol: string) => portSpecs(ports.filter((port) => (port.protocol ?? 'tcp') === protocol));
  return [
    ...['--foreground', '--quiet', '--config-net', '--pid', ready, '--ns-ifname', nameOf(network)],
    ...(mtu ? ['--mtu', String(mtu)] : []),
    ...(ip && length ? ['--address', ip, '--netmask', length] : []),
    ...(gateway ? ['--gateway', gateway] : []),
    ...(dns ? ['--dns-forward', dns] : []),
    ...(hostLoopback ? [] : ['--no-map-gw']),
    ...of('tcp').flatMap((spec) => ['--tcp-ports', spec]),
    ...of('udp').flatMap((spec) => ['--udp-ports', spec]),
    ...['--tcp-ns', 'none', '--udp-ns', 'none', String(pid)],
  ];
}

function portSpecs(ports: readonly PortForward[]): readonly string[] {
  if (ports.length === 0) return ['none'];
  return ports.map(({ hostAddress, hostPort, containerPort }) => {
    const at = hostAddress ? `${hostAddress}/` : '';
    return `${at}${hostPort}:${containerPort}`;
  });
}

/** The words of slirp4netns(1); ports are told it afterwards, see {@link slirpForwards}. */
export function slirpWords(network: Network, { pid }: UserNetworkPlace): readonly string[] {
  const { mtu, hostLoopback, ports = [] } = network;
  const { ready, directory } = slirpDescriptors;
  return [
    ...['--configure', '--enable-sandbox', '--enable-seccomp', `--ready-fd=${ready}`],
    ...(mtu ? [`--mtu=${mtu}`] : []),
    ...(hostLoopback ? [] : ['--disable-host-loopback']),
    // The path of a socket has 107 bytes at most, which that of a state may exceed.
    ...(ports.length > 0 ? [`--api-socket=/proc/self/fd/${directory}/${slirpSocket}`] : []),
    String(pid),
    nameOf(network),
  ];
}

/** What slirp4netns is asked at its socket, one connection each. */
export function slirpForwards({ ports = [] }: Network): readonly string[] {
  return ports.map(({ protocol = 'tcp', hostAddress, hostPort, containerPort }) =>
    JSON.stringify({
      execute: 'add_hostfwd',
      arguments: {
        proto: protocol,
        host_addr: hostAddress || '0.0.0.0',
        host_port: hostPort,
        guest_port: containerPort,
      },
    }),
  );
}
