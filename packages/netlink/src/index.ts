export { NetworkNamespace } from './namespace/namespace.ts';
export { Netlink } from './netlink.ts';
