import {
  WorkflowFailedError,
  type WorkflowHandle,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
} from '@temporalio/client';
import { beforeAll, expect, it, onTestFinished, vi } from 'vitest';
import { CrmError } from '../../../crm/index.ts';
import type { Deal } from '../../../crm/port.ts';
import { claimKickoff, markKickoffStarted, openDatabase } from '../../../database/index.ts';
import { type BackfillProgress, cancel, changeRate, pause, progress, resume } from '../../../workflows/messages.ts';
import { describePostgres } from '../../harness/databases.ts';
import { describeTemporal } from '../../harness/temporal.ts';
import { type BackfillingOptions, bundleFixtures, startBackfilling } from './backfilling.ts';
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
      const { ids, backfilling, crm } = await setUp(60);
      crm.pageSize = 25;
      const { handle } = await backfilling.start({});
      expect(await handle.result()).toMatchObject({
        state: 'done',
        scanned: 60,
        started: 60,
        skipped: {},
        failed: 0,
        waitingFor: 'nothing: every deal has been looked at',
      });
      const rows = await backfilling.ledger();
      expect(rows.map((row) => row.deal_id).sort()).toEqual(ids);
      await vi.waitFor(
        async () => expect((await backfilling.ledger()).every(({ phase }) => phase === 'scheduling')).toBe(true),
        { timeout: 20_000 },
      );
      const again = await backfilling.start({});
      expect(await again.handle.result()).toMatchObject({
        scanned: 60,
        started: 0,
        skipped: { 'has a kickoff (scheduling)': 60 },
      });
    });

    it('a worker that dies in the middle doubles nothing, and nothing is counted twice', async () => {
      const begun: string[] = [];
      const { ids, backfilling } = await setUp(40, {
        startKickoff: (own) => async (request) => {
          begun.push(request.deal.id);
          const started = await own(request);
          // Its kickoff runs, and nobody has been told.
          if (begun.length === 20) throw new Error('the process was killed');
          return started;
        },
      });
      const { handle } = await backfilling.start({});
      expect(await handle.result()).toMatchObject({ scanned: 40, started: 40, skipped: {}, failed: 0 });
      const [lost = ''] = begun.slice(19, 20);
      expect(begun.filter((id) => id === lost)).toHaveLength(2);
      const rows = await backfilling.ledger();
      expect(rows.map((row) => row.deal_id).sort()).toEqual(ids);
      expect(await startsOf(ids)).toBe(40);
      // What it had heartbeat before is not begun again.
      expect(begun.length).toBeLessThan(40 + 15);
    });

    it('starts the workstreams with their deals, once each though it is killed in between; a deal that has its main kickoff is left alone', async () => {
      let isKilled = false;
      const { ids, backfilling, database } = await setUp(4, {
        workstreams: ['data', 'apis'],
        startKickoff: (own) => async (request) => {
          if (!isKilled && request.workstream === 'data') {
            isKilled = true;
            throw new Error('the process was killed');
          }
          return await own(request);
        },
      });
      const [old = '', ...others] = ids;
      await claimKickoff(database.db, {
        workflowId: `kickoff:${old}`,
        crm: 'hubspot',
        dealId: old,
        workstream: '',
        deal: { id: old },
        accountId: '1',
        accountName: 'Old',
        origin: { kind: 'hubspot' },
      });
      await markKickoffStarted(database.db, `kickoff:${old}`, 1);
      const { handle } = await backfilling.start({});
      expect(await handle.result()).toMatchObject({ scanned: 4, started: 3, failed: 0 });
      const rows = await backfilling.ledger();
      expect(rows.map((row) => row.workflow_id).toSorted()).toEqual(
        [
          `kickoff:${old}`,
          ...others.flatMap((id) => [id, `${id}:apis`, `${id}:data`].map((name) => `kickoff:${name}`)),
        ].toSorted(),
      );
      expect(rows.every((row) => row.started_at !== null)).toBe(true);
    });

    it('a kickoff whose start was cut off in the middle is started by the next backfill', async () => {
      const { ids, backfilling, database } = await setUp(1);
      const [dealId = ''] = ids;
      await claimKickoff(database.db, {
        workflowId: `kickoff:${dealId}`,
        crm: 'hubspot',
        dealId,
        workstream: '',
        deal: {},
        accountId: 'a',
        accountName: 'A',
        origin: {},
      });
      const { handle } = await backfilling.start({});
      expect(await handle.result()).toMatchObject({ started: 1, skipped: {} });
      expect(await startsOf(ids)).toBe(1);
    });

    it('goes on in a new run when its history is long, with every figure', async () => {
      const { ids, backfilling } = await setUp(60, { crm: (crm) => Object.assign(crm, { pageSize: 4 }) });
      const { handle } = await backfilling.start({});
      const result = await handle.result();
      expect(result).toMatchObject({ state: 'done', scanned: 60, started: 60, failed: 0 });
      const { runId } = await temporal().client.workflow.getHandle(handle.workflowId).describe();
      expect(runId).not.toBe(handle.firstExecutionRunId);
      expect(await startsOf(ids)).toBe(60);
    });

    it('is paused, refuses what makes no sense, changes its rate, and goes on', async () => {
      const { backfilling } = await setUp(30, { crm: (crm) => Object.assign(crm, { pageSize: 5 }) });
      const { handle } = await backfilling.start({ perMinute: 120 });
      const steer = handleOf(handle);
      expect(await steer.refusal(() => handle.executeUpdate(resume))).toBe(
        'The backfill is not paused: there is nothing to resume.',
      );
      expect(await handle.executeUpdate(pause)).toMatch(/^The backfill (pauses after the batch|is paused)/);
      expect(await steer.refusal(() => handle.executeUpdate(pause))).toBe('The backfill is paused already.');
      expect(await steer.refusal(() => handle.executeUpdate(changeRate, { args: [{ perMinute: 100_001 }] }))).toBe(
        'perMinute: a whole number from 1 to 100,000: {"perMinute": 60}.',
      );
      expect(await handle.executeUpdate(changeRate, { args: [{ perMinute: 90_000 }] })).toBe(
        'From the next batch on: 90000 a minute.',
      );
      const held = await steer.until(({ state, perMinute }) => state === 'paused' && perMinute === 90_000);
      expect(held.waitingFor).toBe('somebody to resume it');
      expect(held.started).toBeLessThan(30);
      expect(await handle.executeUpdate(resume)).toMatch(/^The backfill goes on\. So far: scanned \d+, started \d+/);
      expect(await handle.result()).toMatchObject({ state: 'done', started: 30, perMinute: 90_000 });
    });

    it('is cancelled in the middle of a batch: what has been started stays, the rest is left alone', async () => {
      const { ids, backfilling } = await setUp(20);
      const { handle } = await backfilling.start({ perMinute: 30 });
      const steer = handleOf(handle);
      expect(await steer.refusal(() => handle.executeUpdate(cancel, { args: [{ reason: ' ' }] }))).toMatch(
        /^reason: say why/,
      );
      await vi.waitFor(async () => expect(await backfilling.ledger()).not.toHaveLength(0), { timeout: 20_000 });
      expect(await handle.executeUpdate(cancel, { args: [{ reason: 'wrong pipeline' }] })).toMatch(
        /^The backfill is cancelled; kickoffs that it has started go on\./,
      );
      const result = await handle.result();
      expect(result).toMatchObject({ state: 'cancelled', waitingFor: 'nothing: cancelled (wrong pipeline)' });
      expect(result.started).toBe((await backfilling.ledger()).length);
      expect(await startsOf(ids)).toBe(result.started);
      expect(result.started).toBeLessThan(20);
    });

    it('waits when the CRM pushes back, in a list and in a deal, and goes on at the same place', async () => {
      const { ids, backfilling, crm } = await setUp(12);
      crm.listFailures.push(
        new CrmError('rate_limited', 'HubSpot allows no more searches now.', { retryAfterMs: 300 }),
        new CrmError('unavailable', 'HubSpot does not answer.'),
      );
      let times = 0;
      crm.failing.set(ids[6] ?? '', () => {
        times += 1;
        return times <= 2 ? new CrmError('rate_limited', 'HubSpot allows no more calls now.') : undefined;
      });
      const { handle } = await backfilling.start({});
      const steer = handleOf(handle);
      const held = await steer.until(({ state }) => state === 'pushed_back');
      expect(held.waitingFor).toMatch(/^HubSpot .+ It goes on at \d{4}-/);
      expect(await handle.result()).toMatchObject({ state: 'done', scanned: 12, started: 12, failed: 0 });
      expect(await startsOf(ids)).toBe(12);
    });

    it('waits when SkipUp takes in nothing, and starts no more than may be on their way', async () => {
      const stuckFor = 60_000;
      const clock = { now: 0 };
      const { backfilling } = await setUp(8, {
        inFlight: 3,
        kickoffsStand: true,
        // A minute of standing still passes at once.
        clock: {
          now: () => clock.now,
          wait: async (ms) => {
            clock.now += Math.max(ms, stuckFor / 10);
            await new Promise((resolve) => setImmediate(resolve));
          },
        },
      });
      const { handle } = await backfilling.start({});
      const steer = handleOf(handle);
      const held = await steer.until(({ state, started }) => state === 'pushed_back' && started === 3);
      expect(held.waitingFor).toMatch(/^SkipUp does not take in requests at the moment: 3 kickoffs wait\./);
      expect(await backfilling.ledger()).toHaveLength(3);
      await handle.executeUpdate(cancel, { args: [{ reason: 'enough seen' }] });
      expect(await handle.result()).toMatchObject({ state: 'cancelled', started: 3 });
    });

    it('lists deals that fail, and starts the others', async () => {
      const { ids, backfilling, crm } = await setUp(6);
      const [gone = '', refused = '', lost = '', moved = '', odd = ''] = ids;
      crm.failing.set(gone, () => new CrmError('not_found', `HubSpot has no deal ${gone}.`));
      crm.failing.set(refused, () => new CrmError('refused', 'HubSpot refuses to show it.'));
      crm.failing.set(odd, () => new TypeError('a fault of the program'));
      change(crm, lost, { isWon: false });
      crm.failing.set(moved, () => {
        change(crm, moved, { pipeline: 'partners' });
        return undefined;
      });
      const { handle } = await backfilling.start({ pipelines: ['default'] });
      const result = await handle.result();
      expect(result).toMatchObject({
        scanned: 6,
        started: 1,
        failed: 3,
        skipped: { 'not won any more': 1, 'in another pipeline': 1 },
      });
      expect(result.failures.toSorted((a, b) => a.dealId.localeCompare(b.dealId))).toEqual([
        { dealId: gone, reason: `HubSpot has no deal ${gone}.` },
        { dealId: refused, reason: 'HubSpot refuses to show it.' },
        { dealId: odd, reason: 'a fault of the program' },
      ]);
    });

    it.each([true, false])(
      'leaves alone the deals of other pipelines, and those whose merged deal had its kickoff (listed: %s)',
      async (listsMerges) => {
        const { ids, backfilling, crm } = await setUp(4, { pipelines: ['default'] });
        const [first = '', other = '', merged = ''] = ids;
        const before = await backfilling.start({ limit: 1 });
        expect(await before.handle.result()).toMatchObject({
          started: 1,
          waitingFor: 'nothing: the limit of 1 is reached',
        });
        crm.listsMerges = listsMerges;
        change(crm, other, { pipeline: 'partners' });
        change(crm, merged, { mergedIds: [first] });
        crm.deals.delete(first);
        const { handle } = await backfilling.start({});
        const result = await handle.result();
        expect(result).toMatchObject({ scanned: 3, started: 1, skipped: { 'in another pipeline': 1 } });
        expect(Object.keys(result.skipped).filter((reason) => reason.startsWith('has a kickoff'))).toHaveLength(1);
      },
    );

    it('starts nothing in a dry run, and names what it would start', async () => {
      const { ids, backfilling, crm } = await setUp(7);
      const { handle } = await backfilling.start({ dryRun: true, limit: 5 });
      const result = await handle.result();
      expect(result).toMatchObject({ state: 'done', scanned: 7, started: 0 });
      expect(result.wouldStart.map(({ dealId }) => dealId)).toEqual(ids.slice(0, 5));
      expect(crm.reads).toEqual([]);
      expect(await backfilling.ledger()).toEqual([]);
    });

    it('fails at once with everything that is wrong with its input, and with the CRM’s sentence', async () => {
      const { backfilling, crm } = await setUp(1);
      const wrong = await backfilling.start({ closedAfter: 'last year', limit: 0, perMinute: 1.5 });
      const failure = await failureOf(wrong.handle);
      expect(failure).toMatch(/closedAfter: must be a date/);
      expect(failure).toMatch(/limit: must be a whole number/);
      expect(failure).toMatch(/perMinute: must be a whole number/);
      expect(failure).toMatch(/A right one: \{"crm": "hubspot"/);
      crm.listFailures.push(new CrmError('unauthorized', 'HubSpot does not know the token.'));
      const refused = await backfilling.start({});
      expect(await failureOf(refused.handle)).toBe(
        'The CRM’s deals cannot be listed: HubSpot does not know the token. 0 started so far. Run the backfill again when that is mended: what has a kickoff is left alone.',
      );
    });

    /** How many kickoff workflows have been started for these deals. */
    async function startsOf(ids: readonly string[]): Promise<number> {
      let starts = 0;
      for (const id of ids) {
        try {
          await temporal().client.workflow.getHandle(`kickoff:${id}`).describe();
          starts += 1;
        } catch (error) {
          if (!(error instanceof WorkflowNotFoundError)) throw error;
        }
      }
      return starts;
    }
  });
});

function change(crm: CrmInMemory, id: string, changes: Partial<Deal>): void {
  const deal = crm.deals.get(id);
  if (deal === undefined) throw new Error(`there is no deal ${id}`);
  crm.deals.set(id, { ...deal, ...changes });
}

function handleOf(handle: WorkflowHandle) {
  return {
    /** Waits until it is as wanted. */
    until: async (isSo: (known: BackfillProgress) => boolean): Promise<BackfillProgress> =>
      await vi.waitFor(
        async () => {
          const known = await handle.query(progress);
          if (!isSo(known)) throw new Error(`it is ${known.state}: ${known.waitingFor}`);
          return known;
        },
        { timeout: 20_000, interval: 20 },
      ),
    /** Why an update is refused. */
    async refusal(update: () => Promise<string>): Promise<string> {
      try {
        return `not refused: ${await update()}`;
      } catch (error) {
        if (!(error instanceof WorkflowUpdateFailedError)) throw error;
        return error.cause instanceof Error ? error.cause.message : error.message;
      }
    },
  };
}

/** The innermost sentence of a failed workflow. */
async function failureOf(handle: WorkflowHandle): Promise<string> {
  try {
    return `not failed: ${JSON.stringify(await handle.result())}`;
  } catch (error) {
    if (!(error instanceof WorkflowFailedError)) throw error;
    let sentence = error.message;
    for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) sentence = cause.message;
    return sentence;
  }
}
