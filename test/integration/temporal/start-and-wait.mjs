/**
 * A parent to be killed: starts a Temporal server with the guard of the given module, says its process id, and waits.
 *
 * node start-and-wait.mjs <guarded-process.ts> <temporal>
 */
import { readFileSync } from 'node:fs';
import { transformSync } from '@swc/core';

const [module, binary] = process.argv.slice(2);
const { code } = transformSync(readFileSync(module, 'utf8'), {
  jsc: { parser: { syntax: 'typescript' }, target: 'es2022' },
});
const { startGuarded } = await import(`data:text/javascript,${encodeURIComponent(code)}`);
const server = startGuarded(binary, ['server', 'start-dev', '--headless', '--port', '0'], { env: process.env });
process.stdout.write(`${server.pid}\n`);
setInterval(() => undefined, 60_000);
