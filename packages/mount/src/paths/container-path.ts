/**
 * The components of a path of the container. `.` and empty components are dropped and `..` takes its predecessor away,
 * so that `../../etc` is `etc`: nothing is above `/`. A relative path counts from `/`.
 */
export function pathComponents(path: string): string[] {
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part === '..') parts.pop();
    else parts.push(part);
  }
  return parts;
}

/** A path of the container in its shortest absolute form: `/dev/pts` for `dev//pts/`. */
export function containerPath(path: string): string {
  return `/${pathComponents(path).join('/')}`;
}

/** Whether `path` is `directory` or lies below it, by whole components; both as {@link containerPath} writes them. */
export function isInside(path: string, directory: string): boolean {
  return directory === '/' || path === directory || path.startsWith(`${directory}/`);
}
