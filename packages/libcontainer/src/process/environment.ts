/** The variables of an environment by name; a name that comes twice keeps its last value, as setenv(3) would. */
export function environmentMap(env: readonly string[]): ReadonlyMap<string, string> {
  const map = new Map<string, string>();
  for (const entry of env) {
    const at = entry.indexOf('=');
    map.set(entry.slice(0, at), entry.slice(at + 1));
  }
  return map;
}

/** The environment that a program gets: each name once, and HOME from the user's entry where it is unset or empty. */
export function processEnvironment(env: readonly string[], home: string): readonly string[] {
  const map = new Map(environmentMap(env));
  if (!map.get('HOME')) map.set('HOME', home);
  return [...map].map(([name, value]) => `${name}=${value}`);
}

/**
 * The files that a command name stands for, in the order in which they are tried: itself when it holds a slash, else
 * one in each directory of the PATH that the program itself will have. An empty part of PATH is the current directory.
 */
export function commandCandidates(name: string, env: readonly string[]): readonly string[] {
  if (name.includes('/')) return [name];
  const path = environmentMap(env).get('PATH') ?? '';
  return path === '' ? [] : path.split(':').map((dir) => `${dir === '' ? '.' : dir}/${name}`);
}
