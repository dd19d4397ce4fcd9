import fc from 'fast-check';
import { expect, it } from 'vitest';
import { CrmError } from '../../../crm/index.ts';
import { type Database, insertInbox, lastCatchUps, markDelivered } from '../../../database/index.ts';
import { eachDatabase } from '../../harness/databases.ts';
import { inbox, kickoffInLedger, look } from './catching-up.ts';
import { FakeCrm } from './fake-crm.ts';

/** So long the property may look for a counterexample; one world at least must come to its end, on a busy machine too. */
const LIMIT_MS = { pglite: 8_000, postgres: 20_000 };
const START = Date.UTC(2026, 10, 20, 9);
const MINUTE_MS = 60_000;
const OVERLAP_MINUTES = 5;
const DEALS = 6;

type Doing =
  /** A deal is won. Its webhook is lost, waits in the inbox, or has made a kickoff already. */
  | { kind: 'win'; deal: number; webhook: 'lost' | 'waits' | 'came'; pipeline: string }
  /** A deal is lost; its kickoff hears of it or does not. */
  | { kind: 'lose'; deal: number; isTold: boolean }
  | { kind: 'edit'; deal: number }
  /** A look, which the CRM or the machine ends at some page, or nothing does. */
  | { kind: 'look'; end: 'crash' | 'rate_limited' | 'none'; page: number; meanwhile: number }
  /** The relay takes every row; a deal that is won gets its kickoff. */
  | { kind: 'relay' };

const deal = fc.integer({ min: 0, max: DEALS - 1 });
const doing: fc.Arbitrary<Doing> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('win' as const),
      deal,
      webhook: fc.constantFrom('lost' as const, 'lost' as const, 'waits' as const, 'came' as const),
      pipeline: fc.constantFrom('taken', 'taken', 'taken', 'other'),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('lose' as const), deal, isTold: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('edit' as const), deal }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('look' as const),
      end: fc.constantFrom('crash' as const, 'rate_limited' as const, 'none' as const),
      page: fc.integer({ min: 0, max: 4 }),
      /** This deal is edited while the look is at that page. */
      meanwhile: deal,
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('relay' as const) }) },
);

/** A deal that the CRM's search does not show yet when it is looked for. */
const BEHIND: [Doing, number][] = [
  [{ kind: 'win', deal: 0, webhook: 'lost', pipeline: 'taken' }, 0],
  [{ kind: 'look', end: 'none', page: 0, meanwhile: 1 }, 1],
];

/** What the world and Kickoff do, a few minutes apart. */
class World {
  readonly crm = new FakeCrm({ now: new Date(START), pipelines: ['taken'] });
  readonly database: Database;
  nowMs = START;

  constructor(database: Database, options: { lagMs: number; pageLimit: number }) {
    this.database = database;
    this.crm.lagMs = options.lagMs;
    this.crm.pageLimit = options.pageLimit;
  }

  pass(ms: number): void {
    this.nowMs += ms;
    this.crm.now = new Date(this.nowMs);
  }

  async look(end?: Extract<Doing, { kind: 'look' }>): Promise<void> {
    const first = this.crm.asked.length;
    this.crm.beforeList = (nth) => {
      if (end === undefined || nth - first !== end.page) return;
      this.pass(1);
      if (this.crm.deals.has(`${end.meanwhile}`)) this.crm.change(`${end.meanwhile}`);
      if (end.end === 'rate_limited') throw new CrmError('rate_limited', 'HubSpot asks to wait.');
      if (end.end === 'crash') throw new Error('the worker died');
    };
    const { database, crm } = this;
    const dependencies = { database, crms: { hubspot: crm }, catchUpOverlapMinutes: OVERLAP_MINUTES };
    const looking = look({ ...dependencies, now: () => new Date(this.nowMs) });
    if (end === undefined || end.end === 'none') await looking;
    // It may have had fewer pages than that.
    else await looking.catch((error: Error) => expect(error.message).toMatch(/asks to wait|the worker died/));
  }

  async relay(): Promise<void> {
    for (const row of await inbox(this.database)) {
      if (row.status !== 'pending' || row.subject === null) continue;
      if (this.crm.deals.get(row.subject)?.isWon === true) await kickoffInLedger(this.database, row.subject);
      await markDelivered(this.database.db, row.id, `kickoff:${row.subject}`);
    }
  }

  async do(what: Doing): Promise<void> {
    if (what.kind === 'look') return await this.look(what);
    if (what.kind === 'relay') return await this.relay();
    const id = `${what.deal}`;
    const known = this.crm.deals.get(id);
    if (what.kind === 'edit') {
      if (known !== undefined) this.crm.change(id);
      return;
    }
    if (what.kind === 'lose') {
      if (known?.isWon !== true) return;
      this.crm.change(id, { isWon: false });
      if (what.isTold) {
        await this.database.db
          .updateTable('kickoffs')
          .set({ deal_lost_at: this.crm.now })
          .where('deal_id', '=', id)
          .execute();
      }
      return;
    }
    if (known?.isWon === true) return;
    this.crm.win(id, { pipeline: what.pipeline });
    if (what.pipeline !== 'taken') return;
    if (what.webhook === 'came') await kickoffInLedger(this.database, id);
    if (what.webhook === 'waits') {
      const payload = { dealId: id, crm: 'hubspot' };
      await insertInbox(this.database.db, [
        { source: 'hubspot', dedupeKey: `webhook ${id} ${this.nowMs}`, eventType: 'deal', subject: id, payload },
      ]);
    }
  }

  /** Every deal that is won without Kickoff knowing: no kickoff that takes it for won, nothing in the inbox about it. */
  async missed(): Promise<string[]> {
    const rows = await inbox(this.database);
    const kickoffs = await this.database.db.selectFrom('kickoffs').selectAll().execute();
    const won = [...this.crm.deals.values()].filter(
      ({ id, isWon, pipeline }) => id !== 'old' && isWon && pipeline === 'taken',
    );
    const missed = won.filter(({ id, wonAt }) => {
      const hasKickoff = kickoffs.some((row) => row.deal_id === id && row.deal_lost_at === null);
      const hasRow = rows.some(
        ({ subject, dedupe_key: key, status }) =>
          subject === id && (status === 'pending' || key.startsWith(`catch-up:${id}:${wonAt?.toISOString()}`)),
      );
      return !hasKickoff && !hasRow;
    });
    return missed.map(({ id }) => id);
  }
}

eachDatabase('catching up', (open, kind) => {
  // A PostgreSQL of its own for each world costs more than the world does.
  const numRuns = kind === 'pglite' ? 60 : 8;
  it('whatever webhooks are lost and looks break off: in the end every won deal is known, and told once', async () => {
    // Opening the first one takes long on a busy machine, and is none of the time for looking.
    await open();
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(doing, fc.integer({ min: 0, max: 4 })), { maxLength: 25 }),
        fc.constantFrom(0, 1, OVERLAP_MINUTES),
        fc.integer({ min: 1, max: 3 }),
        async (story, lagMinutes, pageLimit) => {
          const world = new World(await open(), { lagMs: lagMinutes * MINUTE_MS, pageLimit });
          world.crm.win('old', { pipeline: 'taken' });
          world.pass(1_000);
          await world.look();
          for (const [what, minutes] of story) {
            world.pass(minutes * MINUTE_MS + 1);
            await world.do(what);
          }
          world.pass(OVERLAP_MINUTES * MINUTE_MS + 1);
          await world.look();
          expect(await world.missed()).toEqual([]);

          const rows = await inbox(world.database);
          const subjects = rows.map(({ subject }) => subject);
          // Won before the first look, or in a pipeline that is not taken: not ours.
          expect(subjects).not.toContain('old');
          expect(rows.map(({ dedupe_key: key }) => key)).toEqual([...new Set(rows.map(({ dedupe_key: key }) => key))]);
          expect(await lastCatchUps(world.database.db)).toMatchObject([
            { checkpoint: new Date(world.nowMs), window_until: null, cursor: null, problem: null },
          ]);
          // Another look has nothing to add.
          world.pass(1);
          await world.look();
          expect(await inbox(world.database)).toHaveLength(rows.length);
        },
      ),
      { numRuns, interruptAfterTimeLimit: LIMIT_MS[kind], examples: [[BEHIND, OVERLAP_MINUTES, 1]] },
    );
  });
});
