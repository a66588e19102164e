import { spawn } from 'node:child_process';
import { LsmError } from '../error.ts';

/** How profiles are loaded. */
export interface LoadOptions {
  /** The program; default `apparmor_parser`, looked for in PATH, /usr/sbin and /sbin. */
  readonly parser?: string;
  /** Ends it. */
  readonly signal?: AbortSignal;
}

/**
 * Loads profiles into the kernel, in place of those of the same names. Takes root, and apparmor_parser(8).
 *
 * @param text one or several profiles, as in a file of /etc/apparmor.d.
 * @throws {LsmError} with what the parser says, a wrong line of the text included.
 */
export function loadProfiles(text: string, options: LoadOptions = {}): Promise<void> {
  return runParser(['--replace', '--skip-cache'], text, options);
}

/**
 * Takes profiles out of the kernel. Processes that they confine are unconfined then.
 *
 * @param text the profiles that were loaded; only their names count.
 * @throws {LsmError} with what the parser says.
 */
export function unloadProfiles(text: string, options: LoadOptions = {}): Promise<void> {
  return runParser(['--remove'], text, options);
}

async function runParser(args: readonly string[], text: string, options: LoadOptions): Promise<void> {
  const { parser = 'apparmor_parser', signal } = options;
  const env = { ...process.env, PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin`, LC_ALL: 'C' };
  const child = spawn(parser, [...args], { env, stdio: ['pipe', 'pipe', 'pipe'], ...(signal ? { signal } : {}) });
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      said += chunk;
    });
  // One that ends before it has read everything says why by itself.
  child.stdin.on('error', () => {});
  child.stdin.end(text);
  const ended = await new Promise<string | number>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, name) => resolve(name ?? code ?? 0));
  }).catch((cause: NodeJS.ErrnoException) => {
    const hint = cause.code === 'ENOENT' ? 'on Debian: apt-get install apparmor' : undefined;
    throw new LsmError(`${parser} could not be run: ${cause.message}`, { subject: parser, cause, hint });
  });
  if (ended !== 0)
    throw new LsmError(`${parser} ended with ${ended}: ${said.trim() || 'it says nothing'}`, { subject: parser });
}
