import { addNamespace, type Config, type NamespaceType, removeNamespace } from '@nsinit/config';

/** What a private network namespace has. */
const LOOPBACK = { type: 'loopback', address: '127.0.0.1/0', gateway: 'localhost' } as const;

/**
 * Shares a namespace with the host, makes a new one, or joins the one of a file. What would be set inside of it goes
 * with it: a shared or joined namespace is not the container's to change.
 */
export function setNamespace(config: Config, type: NamespaceType, value: string): Config {
  if (value === 'host')
    return { ...withoutContent(config, type), namespaces: removeNamespace(config.namespaces, type) };
  if (value !== '' && value !== 'private')
    return { ...withoutContent(config, type), namespaces: addNamespace(config.namespaces, type, value) };
  const fresh = { ...config, namespaces: addNamespace(config.namespaces, type) };
  return type === 'NEWNET' ? { ...fresh, networks: [LOOPBACK] } : fresh;
}

function withoutContent(config: Config, type: NamespaceType): Config {
  if (type === 'NEWNET') {
    const { networks: _networks, routes: _routes, ...rest } = config;
    return rest;
  }
  if (type === 'NEWUTS') {
    const { hostname: _hostname, domainname: _domainname, ...rest } = config;
    return rest;
  }
  return config;
}
