/**
 * Container configuration: the types, the defaults, every historical `container.json` dialect, the codec of
 * `state.json`, validation and the JSON Schema.
 *
 * @packageDocumentation
 */
export * from './capability.ts';
export * from './cgroup.ts';
export type * from './config.ts';
export * from './device.ts';
export * from './device-defaults.ts';
export * from './error.ts';
export * from './host-ids.ts';
export type * from './id-map.ts';
export * from './integers.ts';
export * from './mount.ts';
export * from './mount-defaults.ts';
export * from './mount-flags.ts';
export * from './namespaces.ts';
export * from './network.ts';
export * from './rlimit.ts';
export * from './seccomp.ts';
export * from './security-profile.ts';
export * from './template.ts';
