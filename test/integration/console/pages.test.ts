import { describe, expect, it } from 'vitest';
import {
  attachRequestId,
  beginMeetingRequest,
  claimInbox,
  claimRecovery,
  type Database,
  insertInbox,
  listInbox,
  markDead,
  markDealLost,
  markDealWonAgain,
  markDelivered,
  markRecoveryStarted,
  recordPhase,
  recordRecovery,
  recordResolution,
} from '../../../database/index.ts';
import { eachDatabase } from '../../harness/databases.ts';
import { openConsole, seedBooked, seedKickoff, seedStep, TEMPORAL_UI } from './console.ts';

const HOSTILE = `<script>alert(1)</script>"'><img src=x onerror=alert(2)>`;

async function seedWaiting(database: Database, dealId: string, needs: string[]): Promise<string> {
  const workflowId = await seedKickoff(database, dealId, { account: 'Globex' });
  await recordPhase(database.db, { workflowId, revision: 1, phase: 'needs_attention', needs });
  return workflowId;
}

/** The part of a page under one heading. */
function section(text: string, heading: string): string {
  return text.split(/<section /).find((part) => part.includes(`id="${heading}"`)) ?? '';
}

eachDatabase('the console', (open) => {
  describe('the overview', () => {
    it('says what to do first when nothing has happened yet', async () => {
      const get = await openConsole(await open());
      const page = await get('/');
      expect(page.status).toBe(200);
      expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
      expect(page.text).toContain('No deal has closed yet');
      expect(page.text).toContain('kickoff dispatch --deal');
      expect(page.text).not.toContain('<table');
    });

    it('puts what needs a person first, with what it needs', async () => {
      const database = await open();
      await seedBooked(database);
      await seedWaiting(database, '7', ['SkipUp refused: the organizer is not a member.']);
      const { text } = await (await openConsole(database))('/');
      const attention = section(text, 'attention');
      expect(attention).toContain('SkipUp refused: the organizer is not a member.');
      expect(attention).toContain('<code>kickoff proceed --deal 7</code>');
      expect(attention).toContain('href="/kickoffs/kickoff%3A5012"');
      expect(attention).toContain('failed: the CRM refused the task: no permission');
      expect(attention.indexOf('kickoff%3A7')).toBeLessThan(attention.indexOf('kickoff%3A5012'));
      expect(text.indexOf('id="attention"')).toBeLessThan(text.indexOf('id="list"'));
    });

    it('names the gaps that block until the workflow has said what it needs', async () => {
      const database = await open();
      const workflowId = await seedKickoff(database, '8');
      const gaps = [
        { code: 'no_organizer', severity: 'block', message: 'Nobody can invite.', acceptable: false },
        { code: 'missing_role', severity: 'warn', message: 'No billing contact.', acceptable: true },
      ];
      const resolution = { workflowId, revision: 1, organizer: undefined, participants: [], excluded: [], gaps };
      await recordResolution(database.db, { ...resolution, phase: 'needs_attention' });
      const attention = section((await (await openConsole(database))('/')).text, 'attention');
      expect(attention).toContain('Nobody can invite.');
      expect(attention).not.toContain('No billing contact.');
    });

    it('asks about a kickoff whose deal is not won any more, while it goes on scheduling', async () => {
      const database = await open();
      const workflowId = await seedKickoff(database, '9');
      const needs = ['The deal is at stage negotiation, not won any more.'];
      await recordPhase(database.db, { workflowId, revision: 1, phase: 'scheduling', needs });
      const get = await openConsole(database);
      expect(section((await get('/')).text, 'attention')).toContain('Nothing needs a person now.');
      await markDealLost(database.db, workflowId, '2026-11-20T10:00:00.000Z');
      expect(section((await get('/')).text, 'attention')).toContain('not won any more');
      await markDealWonAgain(database.db, workflowId);
      expect(section((await get('/')).text, 'attention')).toContain('Nothing needs a person now.');
    });

    it('asks for nobody when the failed step’s kickoff has closed, or is of an earlier revision', async () => {
      const database = await open();
      const closed = await seedBooked(database, '1');
      const closesAt = '2020-01-01T00:00:00Z';
      await recordPhase(database.db, { workflowId: closed, revision: 1, phase: 'done', closesAt });
      const again = await seedKickoff(database, '2');
      await seedStep(database, again, 'project', 'refused');
      await recordPhase(database.db, { workflowId: again, revision: 2, phase: 'resolving' });
      const { text } = await (await openConsole(database))('/');
      expect(text).toContain('Nothing needs a person now.');
    });

    it('says that there are more than it shows, and where', async () => {
      const database = await open();
      for (let deal = 1; deal <= 21; deal += 1) await seedWaiting(database, `w${deal}`, ['Name an organizer.']);
      const booked = await seedKickoff(database, 'many-steps');
      for (let step = 1; step <= 21; step += 1) await seedStep(database, booked, `s${step}`, 'refused');
      const attention = section((await (await openConsole(database))('/')).text, 'attention');
      expect(attention.match(/Name an organizer\./g)).toHaveLength(20);
      expect(attention).toContain('<a href="/?phase=needs_attention">all that wait for a person</a>');
      expect(attention.match(/failed: refused/g)).toHaveLength(20);
      expect(attention).toContain('More steps have failed');
    });

    it('counts the kickoffs by phase, each count a filter', async () => {
      const database = await open();
      await seedWaiting(database, '1', []);
      await seedWaiting(database, '2', []);
      await seedKickoff(database, '3');
      const phases = section((await (await openConsole(database))('/')).text, 'phases');
      expect(phases).toContain('<a href="/?phase=needs_attention">Needs a person: 2</a>');
      expect(phases).toContain('<a href="/?phase=resolving">Finding out who takes part: 1</a>');
      expect(phases).not.toContain('Cancelled');
    });

    it('searches deals and accounts, and keeps the search in the address and in its field', async () => {
      const database = await open();
      await seedKickoff(database, '1', { account: 'Initech', name: 'Stapler rollout' });
      await seedKickoff(database, '2', { account: 'Hooli' });
      const get = await openConsole(database);
      const found = section((await get('/?q=stapler')).text, 'list');
      expect(found).toContain('Initech');
      expect(found).not.toContain('Hooli');
      expect(found).toContain('name="q" value="stapler"');
      expect(found).toMatch(/<form[^>]+method="get" action="\/"/);
      expect((await get('/?q=nobody+knows')).text).toContain('No kickoff’s deal or account contains “nobody knows”');
      expect((await get('/?q=%25')).text).toContain('No kickoff’s deal or account contains “%”');
    });

    it('filters by the phase in the address, together with the search', async () => {
      const database = await open();
      await seedWaiting(database, '1', []);
      await seedKickoff(database, '2', { account: 'Hooli' });
      const get = await openConsole(database);
      const list = section((await get('/?phase=resolving')).text, 'list');
      expect(list).toContain('Hooli');
      expect(list).not.toContain('Globex');
      expect(list).toContain('<input type="hidden" name="phase" value="resolving">');
      expect(section((await get('/?phase=resolving&q=globex')).text, 'list')).toContain('No kickoff’s');
      expect(section((await get('/?phase=paused')).text, 'list')).toContain('No kickoff is in this phase now.');
    });

    it('pages through all kickoffs, newest first, each once', async () => {
      const database = await open();
      const made: string[] = [];
      for (let deal = 1; deal <= 120; deal += 1) made.push(await seedKickoff(database, `d${deal}`));
      const get = await openConsole(database);
      const seen: string[] = [];
      let path: string | undefined = '/';
      let pages = 0;
      while (path !== undefined && pages < 10) {
        const list = section((await get(path)).text, 'list');
        seen.push(
          ...[...list.matchAll(/<th scope="row"><a href="\/kickoffs\/([^"]+)"/g)].map(([, id]) =>
            decodeURIComponent(id ?? ''),
          ),
        );
        path = /<a href="([^"]+)" rel="next">/.exec(list)?.[1]?.replaceAll('&amp;', '&');
        pages += 1;
      }
      expect(pages).toBe(3);
      expect(seen).toHaveLength(120);
      expect(new Set(seen)).toEqual(new Set(made));
    });

    it('answers an address that cannot be meant with 400 and a page that says so', async () => {
      const get = await openConsole(await open());
      for (const path of ['/?phase=nonsense', '/?before=x', '/?q=a&q=b', '/inbox?status=lost', '/inbox?before=-1']) {
        const page = await get(path);
        expect(page.status, path).toBe(400);
        expect(page.text).toContain('<h1>That address leads nowhere</h1>');
      }
    });
  });

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
      const href = /<th scope="row"><a href="(\/kickoffs\/[^"]+)"/.exec((await get('/')).text)?.[1];
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

  describe('leads', () => {
    async function seedLead(
      database: Database,
      leadId: string,
      record: Partial<Parameters<typeof recordRecovery>[1]> = {},
    ) {
      const workflowId = `lead:${leadId}:recovery:2026-02-10`;
      const name = `${HOSTILE} Chen`;
      const lead = { id: leadId, crm: 'hubspot', email: `${leadId}@globex.example`, name, company: 'Globex' };
      const submission = { kind: 'form', reference: `s-${leadId}`, receivedAt: '2026-02-10T09:00:00Z' };
      const form = { name: 'Demo request', submittedAt: '2026-02-10T09:00:00Z', answers: {} };
      const claim = { workflowId, crm: 'hubspot', leadId, attempt: 1, email: lead.email, lead, form };
      await claimRecovery(database.db, { ...claim, origin: submission });
      await markRecoveryStarted(database.db, workflowId);
      await recordRecovery(database.db, { workflowId, phase: 'needs_attention', needs: [], ...record });
      return workflowId;
    }

    it('are on the overview, those first that need a person, and take the place of the first steps', async () => {
      const database = await open();
      const waiting = await seedLead(database, '40101', { needs: ['Nobody organizes: the lead has no owner.'] });
      const cancelled = await seedLead(database, '40102', { phase: 'cancelled' });
      await seedStep(database, cancelled, 'back_to_nurture', 'the CRM refused the property');
      const { status, text } = await (await openConsole(database))('/');
      expect(status).toBe(200);
      expect(text).not.toContain('a person now');
      const leads = section(text, 'leads');
      expect(leads).toContain('<li>Needs a person: 1</li>');
      expect(leads).toContain('<li>Cancelled: 1</li>');
      expect(leads).toContain('Nobody organizes: the lead has no owner.');
      expect(leads).toContain(`<code>kickoff leads proceed ${waiting}</code>`);
      expect(leads).toContain(`href="${TEMPORAL_UI}/workflows/${encodeURIComponent(waiting)}"`);
      expect(leads).toContain('failed: the CRM refused the property');
      expect(leads).toContain(`<code>kickoff leads show ${cancelled}</code>`);
      expect(leads.indexOf(waiting)).toBeLessThan(leads.indexOf(cancelled));
      expect(text).not.toContain('<script>');
      expect(section(text, 'list')).toContain('No deal has closed yet.');
    });

    it('have their rows in the inbox, which lead to the Temporal UI: no page of a kickoff has them', async () => {
      const database = await open();
      const workflowId = await seedLead(database, '40101');
      const idempotencyKey = workflowId;
      await beginMeetingRequest(database.db, {
        workflowId,
        revision: 1,
        idempotencyKey,
        organizerEmail: 'cs@vendor.example',
        participantEmails: ['40101@globex.example'],
        timeframeStart: '2026-02-12T14:00:00Z',
        timeframeEnd: '2026-02-22T04:59:59Z',
        firstTriedAt: '2026-02-10T09:30:05Z',
      });
      await attachRequestId(database.db, { idempotencyKey, requestId: 'mr_lead', status: 'active' });
      const { ids } = await insertInbox(database.db, [
        { source: 'form', dedupeKey: 'f', eventType: 'workflow.webhook', subject: '40101', payload: {} },
        { source: 'skipup', dedupeKey: 'b', eventType: 'meeting_request.booked', subject: 'mr_lead', payload: {} },
      ]);
      for (const id of ids) await markDelivered(database.db, id, workflowId);
      const get = await openConsole(database);
      const inbox = (await get('/inbox')).text;
      expect(inbox).toContain('Form trigger');
      const link = `<a href="${TEMPORAL_UI}/workflows/${encodeURIComponent(workflowId)}" rel="noreferrer">`;
      expect(inbox.split(link)).toHaveLength(3);
      expect(inbox).not.toContain('href="/kickoffs/lead');
      const nowhere = await (await openConsole(database, {}))('/inbox');
      expect(nowhere.text).toContain(`<code><bdi>${workflowId}</bdi></code>`);
      const page = await get(`/kickoffs/${encodeURIComponent(workflowId)}`);
      expect(page.status).toBe(404);
      expect(page.text).toContain('kickoff leads show');
    });
  });

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

  describe('every page', () => {
    async function everyPage(database: Database) {
      const get = await openConsole(database);
      const workflowId = await seedBooked(database, HOSTILE.slice(0, 60), HOSTILE);
      await recordPhase(database.db, { workflowId, revision: 1, phase: 'needs_attention', needs: [HOSTILE] });
      const evil = await seedKickoff(database, 'evil', { account: HOSTILE, name: HOSTILE, url: 'javascript:alert(1)' });
      await seedStep(database, evil, 'project', HOSTILE);
      await seedStep(database, evil, 'link', { detail: HOSTILE, url: 'javascript:alert(1)' });
      await insertInbox(database.db, [
        {
          source: 'deal',
          dedupeKey: 'x',
          eventType: HOSTILE,
          subject: HOSTILE,
          payload: {},
          status: 'ignored',
          reason: HOSTILE,
        },
      ]);
      const paths = [
        '/',
        `/?q=${encodeURIComponent(HOSTILE)}`,
        `/kickoffs/${encodeURIComponent(workflowId)}`,
        `/kickoffs/${encodeURIComponent(evil)}`,
        '/inbox',
        '/kickoffs/unknown',
        '/?phase=nonsense',
      ];
      return await Promise.all(paths.map(async (path) => ({ path, ...(await get(path)) })));
    }

    it('shows hostile names as names', async () => {
      const pages = await everyPage(await open());
      for (const { path, text } of pages) {
        expect(text, path).not.toMatch(/<script|<img|href="javascript:/i);
      }
      for (const { path, text } of pages.slice(0, 5)) {
        expect(text, path).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
      }
    });

    it('has no inline style or script, and the headers that would not let one run', async () => {
      for (const { path, text, headers } of await everyPage(await open())) {
        expect(text, path).not.toMatch(/<style|<script/i);
        for (const attribute of attributesOf(text)) expect(attribute, path).not.toMatch(/^(style|on.*)$/);
        expect(headers.get('content-security-policy'), path).toBe(
          "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
        );
        expect(headers.get('x-content-type-options'), path).toBe('nosniff');
        expect(headers.get('referrer-policy'), path).toBe('no-referrer');
        expect(headers.get('cache-control'), path).toBe('no-store');
      }
    });

    it('has one main, one h1, a navigation, a language, and says its zone with every time', async () => {
      for (const { path, text } of await everyPage(await open())) {
        expect(text.match(/<main/g), path).toHaveLength(1);
        expect(text.match(/<h1/g), path).toHaveLength(1);
        expect(text, path).toContain('<html lang="en">');
        expect(text, path).toContain('<nav aria-label="Main">');
        for (const [, shown] of text.matchAll(/<time [^>]*>([^<]*)</g)) expect(shown).toMatch(/ (UTC|\w+\/\w+)$/);
        const ids = [...text.matchAll(/\sid="([^"]+)"/g)].map(([, id]) => id);
        expect(new Set(ids).size, path).toBe(ids.length);
      }
    });

    it('is well-formed: every element that is opened is closed, in its order', async () => {
      for (const { path, text } of await everyPage(await open())) {
        expect(unbalanced(text), path).toEqual([]);
      }
    });

    it('has its stylesheet, with a dark scheme, under the path that it names', async () => {
      const get = await openConsole(await open());
      const path = /<link rel="stylesheet" href="([^"]+)">/.exec((await get('/')).text)?.[1];
      expect(path).toBe('/console/style.css');
      const css = await get(path ?? '');
      expect(css.headers.get('content-type')).toBe('text/css; charset=utf-8');
      expect(css.text).toContain('prefers-color-scheme: dark');
    });
  });

  describe('the plugin', () => {
    it('writes nothing, whatever is asked', async () => {
      const database = await open();
      const workflowId = await seedBooked(database);
      const everything = async () =>
        JSON.stringify(
          await Promise.all(
            (['inbox', 'kickoffs', 'meeting_requests', 'steps', 'stakeholders'] as const).map((table) =>
              database.db.selectFrom(table).selectAll().execute(),
            ),
          ),
        );
      const before = await everything();
      const get = await openConsole(database);
      const paths = ['/', '/inbox', `/kickoffs/${encodeURIComponent(workflowId)}`];
      for (const path of paths) {
        expect((await get(path)).status).toBe(200);
        for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) {
          expect([404, 405]).toContain((await get(path, { method })).status);
        }
      }
      expect(await everything()).toBe(before);
    });

    it('leaves what is not its own to the server', async () => {
      const get = await openConsole(await open());
      expect((await get('/healthz')).headers.get('content-security-policy')).toBeNull();
      const unknown = await get('/nothing-here');
      expect(unknown.status).toBe(404);
      expect(unknown.headers.get('content-type')).toContain('application/json');
    });
  });
});

const VOID = new Set(['meta', 'link', 'input', 'br', '!doctype']);

/** The names of all attributes; what stands in quotes is nobody's attribute. */
function attributesOf(text: string): string[] {
  return [...text.matchAll(/<[a-z][^\s>]*((?:\s+[^\s"=>]+(?:="[^"]*")?)*)\s*>/gi)].flatMap(([, attributes = '']) =>
    [...attributes.matchAll(/\s([^\s"=]+)(?:="[^"]*")?/g)].map(([, attribute = '']) => attribute.toLowerCase()),
  );
}

/** The closing tags that close nothing, and what stays open. */
function unbalanced(text: string): string[] {
  const stack: string[] = [];
  const wrong: string[] = [];
  for (const [tag, slash, name = ''] of text.matchAll(/<(\/?)([a-z!][a-z0-9]*)(?:\s[^>]*)?>/gi)) {
    if (VOID.has(name.toLowerCase())) continue;
    if (slash === '') stack.push(name);
    else if (stack.pop() !== name) wrong.push(tag);
  }
  return [...wrong, ...stack];
}
