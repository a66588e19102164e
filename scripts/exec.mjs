#!/usr/bin/env node
/**
 * Runs a tool of the workspace with the pinned pnpm on PATH, which turbo calls.
 *
 *   node scripts/exec.mjs turbo run build
 */
import { toolEnvironment } from './lib/pnpm.mjs';
import { attempt } from './lib/workspace.mjs';

const [command, ...args] = process.argv.slice(2);
if (!command) {
  console.error('usage: node scripts/exec.mjs COMMAND [ARGUMENT…]');
  process.exit(2);
}
const result = attempt(command, args, { stdio: 'inherit', env: toolEnvironment(console.error) });
process.exitCode = result.status ?? 1;
