/**
 * Linux mounts: what is mounted (mountinfo), what mount options mean in numbers (flags, attributes, data), and the file
 * system of a container as instructions of a program.
 *
 * @packageDocumentation
 */
export * from './mountinfo/index.ts';
export * from './options/index.ts';
export * from './paths/index.ts';
export * from './rootfs/index.ts';
