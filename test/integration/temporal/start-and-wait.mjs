/**
 * A parent to be killed: starts a Temporal server, says its process id, and waits.
 *
 * node start-and-wait.mjs <url of temporal/index.js> <temporal>
 */
const [temporal, binary] = process.argv.slice(2);
const { startDevServer } = await import(temporal);
const server = await startDevServer({ binary });
process.stdout.write(`${server.pid} ${server.address}\n`);
setInterval(() => undefined, 60_000);
