export type { MountinfoEntry, Propagation } from './entry.ts';
export { MountinfoError, type MountinfoErrorCode } from './error.ts';
export { isMountpoint, mountpointOf, submounts } from './lookup.ts';
export { parseMountinfo } from './parse.ts';
export { readMountinfo } from './read.ts';
