import { describe, expect, it } from 'vitest';
import { insertInbox, markDelivered } from '../../../database/index.ts';
import { eachDatabase } from '../../harness/databases.ts';
import { openConsole, seedBooked, seedKickoff, TEMPORAL_UI } from './console.ts';

const HOSTILE = `<script>alert(1)</script>"'><img src=x onerror=alert(2)>`;

/** The part of a page under one heading. */
function section(text: string, heading: string): string {
  return text.split(/<section /).find((part) => part.includes(`id="${heading}"`)) ?? '';
}

eachDatabase('the console', (open) => {
  describe('the page of one kickoff', () => {
    it('shows who takes part, where that is known from, and who was not invited and why', async () => {
      const database = await open();
      const workflowId = await seedBooked(database);
      const page = await (await openConsole(database))(`/kickoffs/${encodeURIComponent(workflowId)}`);
      expect(page.status).toBe(200);
      expect(page.text).toContain('<h1><bdi>Acme Corp: Deal 5012</bdi></h1>');
      expect(page.text).toContain('the onboarding steps are running');
      const participants = section(page.text, 'participants');
      expect(participants).toContain('<th scope="row"><bdi>Ada Lovelace</bdi></th>');
      expect(participants).toContain('champion, executive sponsor');
      expect(participants).toContain('Europe/London');
      expect(participants).toContain('CRM (Champion)');
      expect(participants).toContain('<td>no role</td>');
      expect(section(page.text, 'excluded')).toContain('opted out: left the company');
      expect(section(page.text, 'gaps')).toContain('No billing contact: add one to the registry.');
      expect(page.text).toContain('<bdi>Cy Ess</bdi> <bdi>cs@vendor.example</bdi>');
      expect(page.text).toContain('HubSpot (closed-won)');
    });

    it('shows the meeting request with its window in the organizer’s zone', async () => {
      const database = await open();
      const workflowId = await seedBooked(database);
      const { text } = await (await openConsole(database))(`/kickoffs/${encodeURIComponent(workflowId)}`);
      const meeting = section(text, 'meeting');
      expect(meeting).toContain('<dt>Status</dt><dd>booked</dd>');
      expect(meeting).toContain('<code>impl:5012:kickoff:2026-02-10</code>');
      expect(meeting).toContain('<code>mr_5012</code>');
      expect(meeting).toContain('<dt>Follow-ups</dt><dd>1</dd>');
      expect(meeting).toContain('<code>evt_77</code>');
      expect(meeting).toContain('<time datetime="2026-02-22T04:59:59.000Z">21 Feb 2026, 23:59 America/New_York</time>');
      expect(meeting).toContain('<time datetime="2026-02-11T15:30:00.000Z">11 Feb 2026, 15:30 UTC</time>');
    });

    it('shows the events about it, with their fate, and nobody else’s', async () => {
      const database = await open();
      const workflowId = await seedBooked(database);
      await seedBooked(database, '6000');
      const { text } = await (await openConsole(database))(`/kickoffs/${encodeURIComponent(workflowId)}`);
      const events = section(text, 'events');
      expect(events).toContain('meeting_request.booked');
      expect(events).toContain('property amount, not dealstage');
      expect(events.match(/<th scope="row">/g)).toHaveLength(3);
      expect(text).not.toContain('mr_6000');
    });

    it('leaves the events of the deal’s other workstream to that', async () => {
      const database = await open();
      const [one, other] = [
        await seedKickoff(database, '9', { workstream: 'emea' }),
        await seedKickoff(database, '9', { workstream: 'apac' }),
      ];
      const event = { source: 'hubspot' as const, eventType: 'deal.propertyChange', subject: '9', payload: {} };
      const { ids } = await insertInbox(database.db, [
        { ...event, dedupeKey: 'emea' },
        { ...event, dedupeKey: 'apac' },
      ]);
      await markDelivered(database.db, ids[0] ?? 0, one);
      await markDelivered(database.db, ids[1] ?? 0, other);
      const { text } = await (await openConsole(database))(`/kickoffs/${encodeURIComponent(one)}`);
      expect(section(text, 'events').match(/<th scope="row">\d+<\/th>/g)).toEqual([`<th scope="row">${ids[0]}</th>`]);
      expect(text).toContain('<dt>Workstream</dt><dd>emea</dd>');
    });

    it('shows each step with what it made, or why it failed and what to do', async () => {
      const database = await open();
      const workflowId = await seedBooked(database);
      const { text } = await (await openConsole(database))(`/kickoffs/${encodeURIComponent(workflowId)}`);
      const steps = section(text, 'steps');
      expect(steps).toContain(
        'CRM status: Kickoff Scheduled <a href="https://crm.example/n/1" rel="noreferrer">Open</a>',
      );
      expect(steps).toContain('when the meeting was booked');
      expect(steps).toContain('the CRM refused the task: no permission');
      expect(section(text, 'needs')).toContain('failed: the CRM refused the task: no permission');
      expect(section(text, 'needs')).toContain('<code>{&quot;id&quot;:&quot;project&quot;}</code>');
    });

    it('tells what happened in the order of time', async () => {
      const database = await open();
      const workflowId = await seedBooked(database);
      const { text } = await (await openConsole(database))(`/kickoffs/${encodeURIComponent(workflowId)}`);
      const timeline = section(text, 'timeline');
      const times = [...timeline.matchAll(/datetime="([^"]+)"/g)].map(([, at]) => at ?? '');
      expect(times.length).toBeGreaterThanOrEqual(8);
      expect(times).toEqual(times.toSorted());
      const order = [
        'HubSpot: deal.propertyChange',
        'Kickoff begun by',
        'Meeting request begun',
        'SkipUp: meeting_request.booked',
        'Step project (CRM task) failed',
      ];
      const places = order.map((what) => timeline.indexOf(what));
      expect(places).not.toContain(-1);
      expect(places).toEqual(places.toSorted((a, b) => a - b));
    });

    it('links to the workflow in the Temporal UI, when that is known', async () => {
      const database = await open();
      const workflowId = await seedBooked(database);
      const path = `/kickoffs/${encodeURIComponent(workflowId)}`;
      const link = `href="${TEMPORAL_UI}/workflows/kickoff%3A5012"`;
      expect((await (await openConsole(database))(path)).text).toContain(link);
      expect((await (await openConsole(database, {}))(path)).text).not.toContain('Temporal UI</a>');
    });

    it.each([
      ['an odd one', 'a/b?c#d%25 &"<é'],
      ['a long one', 'x'.repeat(128)],
    ])('is found under %s deal id', async (_what, dealId) => {
      const database = await open();
      const workflowId = await seedKickoff(database, dealId);
      const get = await openConsole(database);
      const href = /<th scope="row"><a href="(\/kickoffs\/[^"]+)"/.exec((await get('/kickoffs')).text)?.[1];
      expect(href).toBe(`/kickoffs/${encodeURIComponent(workflowId)}`);
      expect((await get(href ?? '')).status).toBe(200);
    });

    it('is a page that says so, with 404, for an unknown id', async () => {
      const get = await openConsole(await open());
      for (const id of ['kickoff:nobody', HOSTILE, 'a\0b']) {
        const page = await get(`/kickoffs/${encodeURIComponent(id)}`);
        expect(page.status).toBe(404);
        expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
        expect(page.text).toContain('<h1>No such kickoff</h1>');
        expect(page.text).not.toContain('<script');
      }
    });
  });

  it('leads to all kickoffs from the address above them', async () => {
    const page = await (await openConsole(await open()))('/kickoffs/', { redirect: 'manual' });
    expect(page.status).toBe(302);
    expect(page.headers.get('location')).toBe('/');
  });
});
