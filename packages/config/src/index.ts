/**
 * Container configuration: the types, the defaults, every historical `container.json` dialect, the codec of
 * `state.json`, validation and the JSON Schema. It depends on nothing and does not touch the machine, except for
 * {@link systemHost}, which validation uses when it is given.
 *
 * @packageDocumentation
 */
export * from './capability.ts';
export * from './cgroup.ts';
export type { JsonSchema } from './codec/codec.ts';
export { suggest } from './codec/suggest.ts';
export type * from './config.ts';
export * from './device.ts';
export * from './device-defaults.ts';
export * from './dialect.ts';
export * from './encode.ts';
export * from './error.ts';
export * from './host-ids.ts';
export type * from './id-map.ts';
export * from './integers.ts';
export type { JsonMember, JsonNode } from './json/node.ts';
export { parseJson } from './json/parse.ts';
export { type JsonValue, stringifyJson } from './json/stringify.ts';
export * from './json-schema.ts';
export * from './landlock.ts';
export type { Note } from './legacy/conversion.ts';
export * from './mount.ts';
export * from './mount-defaults.ts';
export * from './mount-flags.ts';
export * from './namespaces.ts';
export * from './network.ts';
export * from './parse.ts';
export * from './parse-seccomp.ts';
export * from './rlimit.ts';
export * from './seccomp.ts';
export * from './seccomp-profile.ts';
export * from './security-profile.ts';
export * from './state.ts';
export * from './sysctl.ts';
export * from './template.ts';
export { type Host, systemHost } from './validate/host.ts';
export * from './validate/validate.ts';
