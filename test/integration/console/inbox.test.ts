import { describe, expect, it } from 'vitest';
import { claimInbox, insertInbox, listInbox, markDead } from '../../../database/index.ts';
import { eachDatabase } from '../../harness/databases.ts';
import { openConsole, seedBooked } from './console.ts';

/** The part of a page under one heading. */
function _section(text: string, heading: string): string {
  return text.split(/<section /).find((part) => part.includes(`id="${heading}"`)) ?? '';
}

eachDatabase('the console', (open) => {
  describe('the inbox', () => {
    it('says what to connect when nothing has come in', async () => {
      const page = await (await openConsole(await open()))('/inbox');
      expect(page.status).toBe(200);
      expect(page.text).toContain('/webhooks/skipup');
    });

    it('shows every event with its fate and the reason, counts by status, and filters', async () => {
      const database = await open();
      const workflowId = await seedBooked(database);
      const { ids } = await insertInbox(database.db, [
        { source: 'deal', dedupeKey: 'dead', eventType: 'deal.won', subject: '99', payload: {} },
      ]);
      await claimInbox(database.db, { limit: 10, leaseMs: 1 });
      await markDead(database.db, ids[0] ?? 0, 'the CRM did not know the deal');
      const get = await openConsole(database);
      const all = (await get('/inbox')).text;
      expect(all).toContain('Dead: 1');
      expect(all).toContain('All: 4');
      expect(all).toContain('property amount, not dealstage');
      expect(all).toContain(`the CRM did not know the deal <br>Replay it: <code>kickoff replay ${ids[0]}</code>`);
      expect(all).toContain(`<a href="/kickoffs/${encodeURIComponent(workflowId)}"><bdi>${workflowId}</bdi></a>`);
      const dead = (await get('/inbox?status=dead')).text;
      expect(dead).toContain('the CRM did not know the deal');
      expect(dead).not.toContain('property amount');
      expect((await get('/inbox?status=unmatched')).text).toContain('No event is unmatched.');
      expect((await get('/')).text).toContain('<a href="/inbox?status=dead">1 event could not be delivered</a>');
    });

    it('pages through all events, newest first', async () => {
      const database = await open();
      const event = { source: 'hubspot' as const, eventType: 'deal.propertyChange', subject: '1', payload: {} };
      await insertInbox(
        database.db,
        Array.from({ length: 60 }, (_, index) => ({ ...event, dedupeKey: `k${index}` })),
      );
      const get = await openConsole(database);
      const rowsIn = (text: string) => [...text.matchAll(/<th scope="row">(\d+)<\/th>/g)].map(([, id]) => Number(id));
      const first = (await get('/inbox')).text;
      const next = /<a href="([^"]+)" rel="next">/.exec(first)?.[1] ?? '';
      const seen = [...rowsIn(first), ...rowsIn((await get(next)).text)];
      const known = (await listInbox(database.db, { limit: 100 })).map((row) => row.id);
      expect(seen).toEqual(known);
      expect(seen).toHaveLength(60);
    });
  });
});
