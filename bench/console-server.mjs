/**
 * The console as `kickoff serve` serves it, over a database with so many kickoffs: a process of its own for
 * `bench/console.mjs`. It tells of its progress and of where it answers, a line of JSON each.
 *
 * argv: `{ "where": { "url" | "dataDir" }, "kickoffs", "token" }`
 */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { sql } from 'kysely';
import pino from 'pino';
import { Registry } from 'prom-client';
import { ROOT } from '../scripts/checkout.mjs';
import { seedKickoffs } from './console-seed.mjs';

const dist = (room) => import(pathToFileURL(join(ROOT, 'dist', room, 'index.js')).href);
const { openDatabase, migrate } = await dist('database');
const { consolePages } = await dist('console');
const { createTriggerServer, listen } = await dist('triggers');
const { defaultAssemblyPolicy } = await dist('registry');

const { where, kickoffs, token } = JSON.parse(process.argv[2]);
const say = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);

const database = await openDatabase(where);
const { db } = database;
await migrate(database);
await seedKickoffs(db, kickoffs, (done) => say({ type: 'seeded', done }));
// What autovacuum does within a minute, and opening the folder where PGlite has none.
await sql.raw(database.kind === 'postgres' ? 'vacuum analyze' : 'analyze').execute(db);
const ends = sql`now() + interval '1 day'`;
await sql`insert into console_sessions (token_digest, csrf_token, subject, name, role, expires_at)
  values (${createHash('sha256').update(token).digest('hex')}, 'bench', 'account:bench', 'bench', 'operator', ${ends})`.execute(
  db,
);
await sql`insert into console_accounts (name, password_hash, role) values ('bench', '-', 'operator')`.execute(db);
const { rows: deep } = await sql`select created_at, workflow_id from kickoffs order by created_at desc, workflow_id desc
  offset ${Math.floor(kickoffs / 2)} limit 1`.execute(db);

const { rows: requests } = await sql`select request_id from meeting_requests limit 1`.execute(db);

const logger = pino({ level: 'error' }, pino.destination(2));
// A Temporal that says at once that all is well: the database is what is measured.
const temporal = {
  options: { namespace: 'default' },
  connection: {
    withDeadline: (_deadline, ask) => ask(),
    workflowService: {
      describeTaskQueue: async () => ({ pollers: [] }),
      listWorkflowExecutions: async () => ({ executions: [] }),
    },
  },
  schedule: { getHandle: () => ({ describe: async () => ({ state: { paused: false }, spec: {} }) }) },
};
const consoleOf = consolePages({
  database,
  client: temporal,
  access: { readOnly: false, sessionHours: 24, idleHours: 24, secureCookies: false },
  logger,
  crms: ['hubspot'],
  workstreams: [],
  assembly: new Map([['', defaultAssemblyPolicy]]),
  hasRecovery: false,
  relay: { wake: () => undefined },
  now: () => new Date(),
});
const server = await createTriggerServer({
  database,
  crms: {},
  skipup: { secrets: ['s'], tolerance: { pastSeconds: 7_200, futureSeconds: 300 } },
  isTemporalReachable: async () => undefined,
  relay: { wake: () => undefined },
  logger,
  metrics: new Registry(),
  plugins: [
    consoleOf,
    async (app) => {
      app.get('/bench/select-1', async () => (await sql`select 1 as one`.execute(db)).rows);
    },
  ],
});
const url = await listen(server, { port: 0 });
const [{ created_at: at, workflow_id: id }] = deep;
say({
  type: 'ready',
  url,
  deep: `${at.toISOString()}_${id}`,
  dealId: id.replace('kickoff:', ''),
  requestId: requests[0].request_id,
});
process.once('SIGTERM', async () => {
  await server.close();
  await database.close();
  process.exit(0);
});
