import type { CommandName } from './cli/commands.ts';
import { type CommandInvocation, type Invocation, parse } from './cli/parse.ts';
import type { Context } from './commands/context.ts';
import { loadCommand } from './loading/commands.ts';
import { exitCodeOf, failureDetails, failureText } from './output/failure.ts';
import { Log } from './output/log.ts';
import { print } from './output/print.ts';

async function runCommand<Name extends CommandName>(
  invocation: CommandInvocation<Name>,
  context: Context,
): Promise<number> {
  const { module, finish } = await loadCommand(invocation.name);
  const code = await module.run(invocation, context);
  finish();
  return code;
}

/** Runs nsinit with these arguments, and gives its exit code. It throws nothing: failures are printed. */
export async function main(argv: readonly string[]): Promise<number> {
  let log = new Log({ debug: false, file: undefined, format: 'text' });
  try {
    const { global, command } = parse(argv);
    if (global.help || global.version || !command) return await withoutCommand(global, command);
    log = new Log({
      debug: global.debug ?? false,
      file: global['log-file'],
      format: global['log-format'] ?? 'text',
    });
    return await runCommand(command, { global, log, cwd: process.cwd() });
  } catch (error) {
    const text = failureText(error);
    if (log.debugging) log.error(text, failureDetails(error));
    else log.error(text);
    return exitCodeOf(error);
  } finally {
    log.close();
  }
}

async function withoutCommand(global: Invocation['global'], command: Invocation['command']): Promise<number> {
  if (global.version) {
    const { version } = await import('./version.ts');
    print(`nsinit version ${version()}\n`);
    return 0;
  }
  const { commandHelp, mainHelp } = await import('./cli/help.ts');
  print(global.help && command ? commandHelp(command.name) : mainHelp());
  return 0;
}
