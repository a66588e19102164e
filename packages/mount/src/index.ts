/**
 * Linux mounts: what is mounted (mountinfo), and what mount options mean in numbers (flags, attributes, data).
 *
 * @packageDocumentation
 */
export * from './mountinfo/index.ts';
export * from './options/index.ts';
