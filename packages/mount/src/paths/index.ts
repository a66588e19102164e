export { containerPath, isInside, pathComponents } from './container-path.ts';
export { createDirectory, createFile, openOrCreateDirectory } from './create-in-root.ts';
export { checkMountDestination, destinationInRoot } from './destination.ts';
export { type OpenEntry, type OpenInRoot, openEntry, openInRoot } from './open-in-root.ts';
