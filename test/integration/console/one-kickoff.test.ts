import { describe, expect, it } from 'vitest';
import { insertInbox, markDelivered } from '../../../database/index.ts';
import { eachDatabase } from '../../harness/databases.ts';
import { openConsole, seedBooked, seedKickoff, TEMPORAL_UI } from './console.ts';

const HOSTILE = `<script>alert(1)</script>"'><img src=x onerror=alert(2)>`;

/** One part of the page. */
function section(text: string, id: string): string {
  return text.split(/<section /).find((part) => part.includes(`id="${id}"`)) ?? '';
}

eachDatabase('the console', (open) => {
  describe('the page of one kickoff', () => {
    it('shows who takes part, the request, each event with its fate, the steps, and the story in the order of time', async () => {
      const database = await open();
      const workflowId = await seedBooked(database);
      await seedBooked(database, '6000');
      const { status, text } = await (await openConsole(database))(`/kickoffs/${encodeURIComponent(workflowId)}`);
      expect(status).toBe(200);
      expect(text).toContain('<h1><bdi>Acme Corp: Deal 5012</bdi></h1>');
      expect(text).toContain('data-live="kickoff:kickoff:5012"');
      expect(text).not.toContain('mr_6000');

      const people = section(text, 'people');
      expect(people).toContain('<bdi>Ada Lovelace</bdi>');
      expect(people).toContain('champion and executive sponsor');
      expect(people).toContain('CRM (Champion)');
      expect(section(text, 'why')).toContain('opted out: left the company');
      expect(section(text, 'why')).toContain('No billing contact: add one to the registry.');
      const facts = section(text, 'facts');
      expect(facts).toContain('<bdi>Cy Ess</bdi> <br><bdi>cs@vendor.example</bdi>');
      expect(facts).toContain('HubSpot<br><code>closed-won</code>');
      expect(facts).toContain(`href="${TEMPORAL_UI}/workflows/kickoff%3A5012"`);
      expect(facts).toContain('href="/registry/account?id=acme"');
      expect(facts).toContain('href="https://crm.example/deals/5012"');
      expect(facts).toContain('kickoff status --deal 5012');

      const meeting = section(text, 'meeting');
      expect(meeting).toContain('<dt>Status</dt><dd>booked</dd>');
      expect(meeting).toContain('<code>impl:5012:kickoff:2026-02-10</code>');
      expect(meeting).toContain('<dt>Follow-ups</dt><dd>1</dd>');
      expect(meeting).toContain('12 Feb, 09:00 to 21 Feb, 23:59 America/New_York');
      expect(meeting).toContain('<time datetime="2026-02-11T15:30:00.000Z">11 Feb 2026, 15:30 UTC</time>');

      const steps = section(text, 'steps');
      expect(steps).toContain('CRM status: Kickoff Scheduled <a href="https://crm.example/n/1" rel="noreferrer">Open');
      expect(steps).toContain('the CRM refused the task: no permission');

      const timeline = section(text, 'timeline');
      expect(timeline).toContain('property amount, not dealstage');
      const times = [...timeline.matchAll(/<li [^>]*><time datetime="([^"]+)"/g)].map(([, at]) => at ?? '');
      expect(times).toHaveLength(9);
      expect(times).toEqual(times.toSorted());
      const order = [
        'HubSpot told of the deal',
        'Begun by HubSpot',
        'The registry’s decision',
        'The meeting request was sent',
        'The meeting was booked',
        '<code>project</code> (CRM task, when the meeting was booked)',
      ];
      const places = order.map((what) => timeline.indexOf(what));
      expect(places).not.toContain(-1);
      expect(places).toEqual(places.toSorted((a, b) => a - b));
    });

    it('leaves the events of the deal’s other workstream to that, links to it, and shows what is about the deal itself', async () => {
      const database = await open();
      const one = await seedKickoff(database, '9', { workstream: 'emea' });
      const other = await seedKickoff(database, '9', { workstream: 'apac' });
      const event = { source: 'hubspot' as const, eventType: 'deal.propertyChange', subject: '9', payload: {} };
      const { ids } = await insertInbox(database.db, [
        { ...event, dedupeKey: 'emea' },
        { ...event, dedupeKey: 'apac' },
        { ...event, dedupeKey: 'deal', payload: { transitionKey: 't', crm: 'hubspot' } },
        { ...event, source: 'deal', dedupeKey: 'else', payload: { transitionKey: 'u', crm: 'salesforce' } },
      ]);
      await markDelivered(database.db, ids[0] ?? 0, one);
      await markDelivered(database.db, ids[1] ?? 0, other);
      await markDelivered(database.db, ids[2] ?? 0, other);
      const { text } = await (await openConsole(database))(`/kickoffs/${encodeURIComponent(one)}`);
      const shown = [...section(text, 'timeline').matchAll(/id="event-(\d+)"/g)].map(([, id]) => Number(id));
      expect(shown.toSorted()).toEqual([ids[0], ids[2]]);
      expect(section(text, 'timeline')).toContain(
        'Delivered to the deal’s kickoffs, among them <a href="/kickoffs/kickoff%3A9%3Aapac">',
      );
      expect(section(text, 'facts')).toContain('<dt>Workstream</dt><dd>emea</dd>');
      expect(section(text, 'facts')).toContain('<a href="/kickoffs/kickoff%3A9%3Aapac"><bdi>apac</bdi></a>');
    });

    it.each([
      ['an odd one', 'a/b?c#d%25 &"<é'],
      ['a long one', 'x'.repeat(128)],
    ])('is found under %s deal id', async (_what, dealId) => {
      const database = await open();
      const workflowId = await seedKickoff(database, dealId);
      const page = await (await openConsole(database))(`/kickoffs/${encodeURIComponent(workflowId)}`);
      expect(page.status).toBe(200);
    });

    it('is a page that says so, with 404, for an unknown id', async () => {
      const get = await openConsole(await open());
      for (const id of ['kickoff:nobody', HOSTILE, 'a\0b']) {
        const page = await get(`/kickoffs/${encodeURIComponent(id)}`);
        expect(page.status).toBe(404);
        expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
        expect(page.text).toContain('<h1>No such kickoff</h1>');
        expect(page.text).not.toMatch(/<script>|<img/);
      }
    });
  });
});
