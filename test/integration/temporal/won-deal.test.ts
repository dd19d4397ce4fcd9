import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { Registry } from 'prom-client';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { type Config, loadConfig, workstreamsWithDeal } from '../../../config/index.ts';
import type { Deal } from '../../../crm/port.ts';
import {
  type Database,
  insertInbox,
  kickoffsOfDeals,
  listInbox,
  migrate,
  openDatabase,
} from '../../../database/index.ts';
import { kickoffStarter, type StartKickoff } from '../../../temporal/index.ts';
import { createRelay, dealPayloadOf } from '../../../triggers/index.ts';
import type { KickoffInput } from '../../../workflows/messages.ts';
import { describeTemporal } from '../../harness/temporal.ts';

const CONFIG = 'data: { starts: with_deal, kickoff: { title: Data } }, apis: { starts: with_deal }, hand: {}';

/** Real server, real database; no worker: what has been started stands. */
describeTemporal('a deal that is won', (temporal) => {
  let database: Database;
  let deal: Deal;
  let count = 0;

  beforeAll(async () => {
    database = await openDatabase();
    await migrate(database);
  });
  beforeEach(() => {
    count += 1;
    deal = { id: `won-${count}`, crm: 'hubspot', name: 'Acme', account: { id: '1', name: 'Acme' }, isWon: true };
  });
  afterAll(() => database?.close());

  function configured(workstreams = CONFIG): Config {
    const folder = mkdtempSync(join(tmpdir(), 'kickoff-won-deal-'));
    writeFileSync(join(folder, 'kickoff.config.yaml'), `workstreams: { ${workstreams} }\n`);
    try {
      return loadConfig({ env: {}, cwd: folder });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }

  /** The relay of a process with this configuration; `around` is where its kickoffs may fail to start. */
  function relayOf(config: Config, around: (own: StartKickoff) => StartKickoff = (own) => own) {
    const { client } = temporal();
    const { kickoff: policy, workstreams } = config;
    return createRelay({
      database,
      client,
      crms: {},
      startKickoff: around(kickoffStarter({ client, database, policy, workstreams })),
      workstreamsOf: (won) => workstreamsWithDeal(workstreams, won),
      logger: pino({ level: 'silent' }),
      metrics: new Registry(),
      random: () => 0,
    });
  }

  async function arrive(key: string, more: { workstream?: string } = {}): Promise<void> {
    const transitionKey = `${deal.id}:${key}`;
    const occurredAt = '2026-11-20T00:00:00.000Z';
    const signal = { dealId: deal.id, transitionKey, occurredAt, eventType: 'deal', deal, ...more };
    const payload = dealPayloadOf(signal, 'hubspot');
    await insertInbox(database.db, [
      { source: 'deal', dedupeKey: transitionKey, eventType: 'deal', subject: deal.id, payload },
    ]);
  }

  async function kickoffs(): Promise<{ workstream: string; input: KickoffInput; runs: number }[]> {
    const rows = await kickoffsOfDeals(database.db, { crm: 'hubspot', dealIds: [deal.id] });
    const { client } = temporal();
    return await Promise.all(
      rows
        .toSorted((a, b) => (a.workstream < b.workstream ? -1 : 1))
        .map(async ({ workstream, workflow_id: workflowId }) => {
          const { events } = await client.workflow.getHandle(workflowId).fetchHistory();
          const payload = events?.[0]?.workflowExecutionStartedEventAttributes?.input?.payloads?.[0]?.data;
          const input: KickoffInput = JSON.parse(Buffer.from(payload ?? []).toString());
          const { count: runs } = await client.workflow.count(`WorkflowId = '${workflowId}'`);
          return { workstream, input, runs };
        }),
    );
  }

  const names = async () => (await kickoffs()).map(({ workstream }) => workstream);
  const statuses = async () =>
    (await listInbox(database.db, { limit: 1000 }))
      .filter((row) => row.subject === deal.id)
      .toSorted((a, b) => a.id - b.id)
      .map((row) => row.status);

  it('starts the main kickoff and every workstream that starts with it, each once and by its own rules', async () => {
    const relay = relayOf(configured());
    await arrive('k1');
    await relay.drainOnce();
    await arrive('k2');
    await relay.drainOnce();
    const found = await kickoffs();
    expect(found.map(({ workstream, input }) => [workstream, input.workstream, input.policy.title])).toEqual([
      ['', undefined, expect.stringContaining('Implementation kickoff')],
      ['apis', 'apis', expect.stringContaining('Implementation kickoff')],
      ['data', 'data', 'Data'],
    ]);
    await expect.poll(async () => (await kickoffs()).map(({ runs }) => runs)).toEqual([1, 1, 1]);
    expect(await statuses()).toEqual(['delivered', 'ignored']);
  });

  it.each(['data', 'apis'])(
    'stays in the inbox until %s has started too; the others are not started again',
    async (broken) => {
      const started: (string | undefined)[] = [];
      let isBroken = true;
      const relay = relayOf(configured(), (own) => async (request) => {
        if (request.workstream === broken && isBroken) throw new Error('killed in between');
        const answer = await own(request);
        started.push(request.workstream);
        return answer;
      });
      await arrive('k1');
      await relay.drainOnce();
      expect(await statuses()).toEqual(['pending']);
      expect(await names()).toEqual(['', 'apis', 'data'].filter((name) => name !== broken));
      isBroken = false;
      await database.db
        .updateTable('inbox')
        .set({ next_attempt_at: new Date(0) })
        .where('status', '=', 'pending')
        .execute();
      await relay.drainOnce();
      expect(await statuses()).toEqual(['delivered']);
      expect(await names()).toEqual(['', 'apis', 'data']);
      await expect.poll(async () => (await kickoffs()).map(({ runs }) => runs)).toEqual([1, 1, 1]);
    },
  );

  it('that many events tell of at once starts each once', async () => {
    const config = configured();
    for (const key of ['k1', 'k2', 'k3', 'k4']) await arrive(key);
    const [first, second] = [relayOf(config), relayOf(config)];
    await Promise.all([first.drainOnce(), second.drainOnce(), first.drainOnce()]);
    expect(await names()).toEqual(['', 'apis', 'data']);
    await expect.poll(async () => (await kickoffs()).map(({ runs }) => runs)).toEqual([1, 1, 1]);
  });

  it('had its kickoff before a workstream was configured: that is left alone', async () => {
    await arrive('k1');
    await relayOf(configured('hand: {}')).drainOnce();
    await arrive('k2');
    await relayOf(configured()).drainOnce();
    expect(await names()).toEqual(['']);
    expect(await statuses()).toEqual(['delivered', 'ignored']);
  });

  it('whose main kickoff a person had begun starts its workstreams all the same', async () => {
    const config = configured();
    const { client } = temporal();
    const { kickoff: policy, workstreams } = config;
    const origin = { kind: 'manual' as const, reference: 'kim', receivedAt: '2026-11-20T00:00:00.000Z' };
    await kickoffStarter({ client, database, policy, workstreams })({ deal, origin, reopen: true });
    expect(await names()).toEqual(['']);
    await arrive('k1');
    await relayOf(config).drainOnce();
    expect(await names()).toEqual(['', 'apis', 'data']);
    expect(await statuses()).toEqual(['delivered']);
  });

  it.each([
    ['known', 'hand', ''],
    [
      'unknown',
      'handy',
      " Workstream handy is not configured (data, apis, hand): it runs by the main kickoff's rules.",
    ],
  ])('by an event that names a workstream, %s, starts that one', async (_case, workstream, warning) => {
    await arrive('k1', { workstream });
    await relayOf(configured()).drainOnce();
    expect(await names()).toEqual([workstream]);
    const { raw } = await temporal().client.workflow.getHandle(`kickoff:${deal.id}:${workstream}`).describe();
    const details = raw.executionConfig?.userMetadata?.details?.data;
    expect(JSON.parse(Buffer.from(details ?? []).toString())).toBe(
      `Deal ${deal.id}, started by a deal event.${warning}`,
    );
  });
});
