/** The path of a member: `cgroups.memory`, or `system_properties["net.ipv4.ip_forward"]` for a key with punctuation. */
export function memberPath(path: string, key: string): string {
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(key)) return `${path}[${JSON.stringify(key)}]`;
  return path === '' ? key : `${path}.${key}`;
}

/** The path of an item: `mounts[3]`. */
export function itemPath(path: string, index: number): string {
  return `${path}[${index}]`;
}
