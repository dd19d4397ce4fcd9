import { WorkflowUpdateFailedError } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { CrmError } from '../../../crm/index.ts';
import { type Database, openDatabase } from '../../../database/index.ts';
import { cancel, changeRate, pause, resume } from '../../../workflows/messages.ts';
import { describePostgres } from '../../harness/databases.ts';
import { type PostgresCluster, sharedOrOwnPostgres } from '../../harness/postgres.ts';
import { describeTemporal } from '../../harness/temporal.ts';
import { type Backfilling, type BackfillingOptions, bundleFixtures, startBackfilling } from './backfilling.ts';
import { type CrmInMemory, crmInMemory } from './crm-in-memory.ts';

const idsFrom = (first: number, count: number) => Array.from({ length: count }, (_, index) => String(first + index));

describePostgres('a backfill', (cluster) => {
  describeTemporal('on a Temporal server', (temporal) => {
    let bundle: { code: string };
    let first = 1_000;
    beforeAll(async () => {
      bundle = await bundleFixtures();
    });

    /** Deals that no other test has, and a database of its own. */
    async function setUp(
      deals: number,
      options: Partial<Omit<BackfillingOptions, 'crm'>> & {
        pipelines?: string[];
        crm?: (crm: CrmInMemory) => void;
      } = {},
    ) {
      first += 1_000;
      const ids = idsFrom(first, deals);
      const { pipelines, crm: arrange, ...rest } = options;
      const crm = crmInMemory(ids, pipelines);
      arrange?.(crm);
      const database = options.database ?? (await openDatabase({ url: await cluster().newDatabase() }));
      const backfilling = await startBackfilling({ temporal: temporal(), bundle, ...rest, database, crm });
      onTestFinished(async () => {
        await backfilling.stop();
        await database.close();
      });
      return { ids, crm, database, backfilling };
    }

    it('starts a kickoff for every deal, and none when it runs again', async () => {
      const { ids, backfilling, crm } = await setUp(120);
      crm.pageSize = 50;
      const { handle } = await backfilling.start({});
      expect(await handle.result()).toMatchObject({
        state: 'done',
        scanned: 120,
        started: 120,
        skipped: {},
        failed: 0,
        waitingFor: 'nothing: every deal has been looked at',
      });
      const rows = await backfilling.ledger();
      expect(rows.map((row) => row.deal_id).sort()).toEqual(ids);
      await vi.waitFor(async () =>
        expect((await backfilling.ledger()).every(({ phase }) => phase === 'scheduling')).toBe(true),
      );
      const again = await backfilling.start({});
      expect(await again.handle.result()).toMatchObject({
        scanned: 120,
        started: 0,
        skipped: { 'has a kickoff (scheduling)': 120 },
      });
    });
  });
});
