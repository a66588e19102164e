import { criuError } from '../failure.ts';
import type { RpcMessage } from '../messages/rpc.ts';
import { type Command, Session } from './session.ts';

/**
 * One request with one answer and no notifications.
 *
 * @throws {CriuError}
 */
export async function call(
  command: Command,
  name: string,
  request: RpcMessage<'criu_req'>,
  options: { readonly signal?: AbortSignal | undefined; readonly logPath?: string } = {},
): Promise<RpcMessage<'criu_resp'>> {
  const { signal, logPath } = options;
  signal?.throwIfAborted();
  const session = await Session.start(name, command);
  const kill = (): void => session.process.kill();
  signal?.addEventListener('abort', kill, { once: true });
  if (signal?.aborted) kill();
  try {
    session.send(request);
    const answer = await session.receive();
    answer?.fd?.close();
    const { exit, output } = await session.end();
    if (answer?.response.success) return answer.response;
    if (signal?.aborted) throw await criuError(name, { kind: 'aborted', cause: signal.reason }, undefined);
    const failure = answer
      ? ({ kind: 'failed', response: answer.response } as const)
      : ({ kind: 'died', death: session.describeDeath(exit, output) } as const);
    throw await criuError(name, failure, logPath);
  } finally {
    signal?.removeEventListener('abort', kill);
    kill();
    await session.end();
  }
}
