/**
 * Runs `postgres` on behalf of a test run and ends it with the run, however that ends: its standard input is a pipe from
 * the parent, and when the pipe closes (the parent stopped it, finished, or was killed) the server is shut down and its
 * folder removed.
 *
 * node postgres-keeper.mjs <postgres> <folder> <port> <uid|-> <gid|->
 */
import { spawn } from 'node:child_process';
import { openSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const [program, folder, port, uid, gid] = process.argv.slice(2);
const log = openSync(join(folder, 'server.log'), 'a');
const settings = {
  listen_addresses: '127.0.0.1',
  port,
  unix_socket_directories: '',
  max_connections: '200',
  shared_buffers: '32MB',
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
};
const server = spawn(
  program,
  ['-D', join(folder, 'data'), ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])],
  { stdio: ['ignore', log, log], ...(uid === '-' ? {} : { uid: Number(uid), gid: Number(gid) }) },
);

server.on('error', (error) => process.stdout.write(`failed ${error.message}\n`));
server.on('exit', (code) => {
  process.stdout.write(`exited ${code}\n`);
  rmSync(folder, { recursive: true, force: true });
  process.exit(0);
});
// Immediate: nothing in it is to be kept.
process.stdin.on('end', () => server.kill('SIGQUIT'));
process.stdin.resume();
// Ctrl-C and an ending terminal reach the whole group; the pipe tells when it is time.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => server.kill('SIGQUIT'));
