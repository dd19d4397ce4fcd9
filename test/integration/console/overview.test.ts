import { sql } from 'kysely';
import { describe, expect, it } from 'vitest';
import {
  claimRecovery,
  type Database,
  insertInbox,
  markDead,
  markRecoveryStarted,
  openCatchUp,
  recordCatchUpProblem,
  recordPhase,
  recordRecovery,
  recordResolution,
  recordSweep,
} from '../../../database/index.ts';
import { eachDatabase } from '../../harness/databases.ts';
import { openConsole, seedBooked, seedKickoff, seedStep } from './console.ts';

const HOSTILE = `<script>alert(1)</script>"'><img src=x onerror=alert(2)>`;

async function seedWaiting(database: Database, dealId: string, needs: string[]): Promise<string> {
  const workflowId = await seedKickoff(database, dealId, { account: 'Globex' });
  await recordPhase(database.db, { workflowId, revision: 1, phase: 'needs_attention', needs });
  return workflowId;
}

/** The part of the page with this id. */
function part(text: string, id: string): string {
  return text.split(/<section /).find((section) => section.includes(`id="${id}"`)) ?? '';
}

/** The cards of what needs a person, in their order. */
function cards(text: string): string[] {
  return part(text, 'asks').split('<h3>').slice(1);
}

eachDatabase('the overview', (open) => {
  it('says what to do first when nothing has happened yet', async () => {
    const get = await openConsole(await open());
    const page = await get('/');
    expect(page.status).toBe(200);
    expect(page.text).toContain('No deal has closed yet');
    expect(page.text).toContain('href="/start"');
    expect(page.text).not.toContain('<svg');
    expect(part(page.text, 'health')).toContain('Nothing has come in yet.');
    expect(part(page.text, 'health')).toContain('It does not answer.');
  });

  it('leads with what needs a person, the longest waiting first, with the buttons that settle it', async () => {
    const database = await open();
    const { db } = database;
    await seedBooked(database);
    const refused = await seedWaiting(database, '7', [
      'SkipUp refused: name somebody else with `changeOrganizer`, or send `proceed`.',
    ]);
    await sql`update kickoffs set updated_at = now() - interval '3 days' where workflow_id = ${refused}`.execute(db);
    const page = await (await openConsole(database))('/');
    const [first, second, ...others] = cards(page.text);
    expect(others).toEqual([]);
    expect(first).toContain('href="/kickoffs/kickoff%3A7"');
    expect(first).toContain('for 3.0 days, since');
    expect(first).toContain('<code>changeOrganizer</code>');
    expect(first).toContain('/actions/kickoff.proceed?on=kickoff%3A7');
    expect(first).toContain('/actions/kickoff.changeOrganizer?on=kickoff%3A7');
    expect(second).toContain('Step <code>project</code>');
    expect(second).toContain('failed: the CRM refused the task: no permission');
    expect(second).toContain('/actions/kickoff.retryStep?id=project&amp;on=kickoff%3A5012');
    expect(second).toContain('/actions/kickoff.skipStep?id=project&amp;on=kickoff%3A5012');
    expect(page.text.indexOf('id="asks"')).toBeLessThan(page.text.indexOf('id="phases"'));
  });

  it('shows a viewer what is needed, and no button', async () => {
    const database = await open();
    await seedBooked(database);
    await seedWaiting(database, '7', ['Name an organizer.']);
    const { text } = await (await openConsole(database, { as: 'viewer' }))('/');
    expect(cards(text)).toHaveLength(2);
    expect(part(text, 'asks')).not.toContain('/actions/');
  });

  it('asks for another organizer, or for people in the registry, by the gaps that block', async () => {
    const database = await open();
    const gap = { severity: 'block', message: 'Nobody can invite.', acceptable: false };
    for (const [deal, code] of [
      ['8', 'no_organizer'],
      ['9', 'no_lead'],
    ] as const) {
      const workflowId = await seedKickoff(database, deal);
      const warning = { code: 'missing_role', severity: 'warn', message: 'No billing contact.', acceptable: true };
      const resolution = { workflowId, revision: 1, organizer: undefined, participants: [], excluded: [] };
      await recordResolution(database.db, {
        ...resolution,
        gaps: [{ ...gap, code }, warning],
        phase: 'needs_attention',
      });
    }
    const { text } = await (await openConsole(database))('/');
    const [organizer, people] = cards(text);
    expect(organizer).toContain('Nobody can invite.');
    expect(organizer).not.toContain('No billing contact.');
    expect(organizer).toContain('/actions/kickoff.changeOrganizer');
    expect(organizer).not.toContain('/registry/account');
    expect(people).toContain('href="/registry/account?id=acme"');
  });

  it('asks about a kickoff that goes on meanwhile, and for nobody once it has fallen through', async () => {
    const database = await open();
    const workflowId = await seedKickoff(database, '9');
    const needs = ['The deal is at stage negotiation, not won any more.'];
    await recordPhase(database.db, { workflowId, revision: 1, phase: 'scheduling', needs });
    const get = await openConsole(database);
    expect(part((await get('/')).text, 'asks')).toContain('not won any more');
    await recordPhase(database.db, { workflowId, revision: 1, phase: 'cancelled' });
    expect(part((await get('/')).text, 'asks')).toContain('Nothing needs a person now.');
  });

  it('asks for nobody when the failed step’s kickoff has closed, or is of an earlier revision', async () => {
    const database = await open();
    const closed = await seedBooked(database, '1');
    const closesAt = '2020-01-01T00:00:00Z';
    await recordPhase(database.db, { workflowId: closed, revision: 1, phase: 'done', closesAt });
    const again = await seedKickoff(database, '2');
    await seedStep(database, again, 'project', 'refused');
    await recordPhase(database.db, { workflowId: again, revision: 2, phase: 'resolving' });
    expect((await (await openConsole(database))('/')).text).toContain('Nothing needs a person now.');
  });

  it('shows a page of work, and where the rest is', async () => {
    const database = await open();
    for (let deal = 1; deal <= 11; deal += 1) await seedWaiting(database, `w${deal}`, ['Name an organizer.']);
    const { text } = await (await openConsole(database))('/');
    expect(cards(text)).toHaveLength(10);
    expect(part(text, 'asks')).toContain('<a href="/kickoffs?needs=person">all kickoffs that ask for somebody</a>');
  });

  it('has leads and events that could not be delivered among what needs a person', async () => {
    const database = await open();
    const { db } = database;
    const workflowId = 'lead:40101:recovery:2026-02-10';
    const lead = { id: '40101', crm: 'hubspot', email: 'chen@globex.example', name: `${HOSTILE} Chen` };
    const origin = { kind: 'form', reference: 's', receivedAt: '2026-02-10T09:00:00Z' };
    const form = { name: 'Demo request', submittedAt: '2026-02-10T09:00:00Z', answers: {} };
    await claimRecovery(db, {
      workflowId,
      crm: 'hubspot',
      leadId: '40101',
      attempt: 1,
      email: lead.email,
      lead,
      form,
      origin,
    });
    await markRecoveryStarted(db, workflowId);
    await recordRecovery(db, { workflowId, phase: 'needs_attention', needs: ['The lead has no owner.'] });
    const { ids } = await insertInbox(db, [
      { source: 'hubspot', dedupeKey: 'a', eventType: 'deal.propertyChange', subject: '7', payload: {} },
    ]);
    await markDead(db, ids[0] ?? 0, 'the CRM has no such deal');
    await sql`update inbox set received_at = now() - interval '1 hour'`.execute(db);
    const { text } = await (await openConsole(database))('/');
    const [event, person] = cards(text);
    expect(event).toContain('the CRM has no such deal');
    expect(event).toContain(`/actions/inbox.replay?on=${ids[0]}`);
    expect(event).toContain('for 60 min');
    expect(person).toContain('The lead has no owner.');
    expect(person).toContain(`/actions/lead.proceed?on=${encodeURIComponent(workflowId)}`);
    expect(text).not.toContain('<script>');
    expect(part(text, 'leads')).toContain('href="/leads?phase=needs_attention">Needs a person <strong>1</strong>');
    expect(part(text, 'health')).toContain('1 could not be delivered');
  });

  it('counts the kickoffs by phase, each count a list', async () => {
    const database = await open();
    await seedWaiting(database, '1', []);
    await seedWaiting(database, '2', []);
    await seedKickoff(database, '3');
    const phases = part((await (await openConsole(database))('/')).text, 'phases');
    expect(phases).toContain('<a href="/kickoffs?phase=needs_attention">Needs a person <strong>2</strong></a>');
    expect(phases).toContain('<a href="/kickoffs?phase=resolving">Finding out who takes part <strong>1</strong></a>');
    expect(phases).not.toContain('Cancelled');
  });

  it('says how long kickoffs take, in figures, as drawings and as a table', async () => {
    const database = await open();
    const { db } = database;
    for (const deal of ['1', '2', '3']) await seedBooked(database, deal);
    // One whose deal names no day that there is, one of a backfill, and one that nobody was asked for.
    await sql`update kickoffs set deal = jsonb_set(deal, '{closedAt}', '"2026-02-31T99:00:00Z"') where deal_id = '3'`.execute(
      db,
    );
    await seedBooked(database, '4');
    await sql`update kickoffs set origin = '{"kind": "backfill"}' where deal_id = '4'`.execute(db);
    await seedKickoff(database, '5');
    await sql`update kickoffs set created_at = now() - interval '1 minute'`.execute(db);
    const days = (count: number) => sql`now() - ${count} * interval '1 day'`;
    for (const [deal, asked, booked] of [
      ['1', 8, 4],
      ['2', 6, 2],
    ] as const) {
      await sql`update kickoffs set deal = jsonb_set(deal, '{closedAt}',
        to_jsonb(to_char((${days(10)}) at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'))) where deal_id = ${deal}`.execute(
        db,
      );
      await sql`update meeting_requests set first_tried_at = ${days(asked)}, booked_at = ${days(booked)}
        where workflow_id = ${`kickoff:${deal}`}`.execute(db);
    }
    const speed = part((await (await openConsole(database))('/')).text, 'speed');
    expect(speed).toContain('Of the 4 kickoffs begun');
    expect(speed).toMatch(
      /<strong>75 %<\/strong> booked <span class="quiet">3 of 4|<strong>100 %<\/strong> booked <span class="quiet">3 of 3/,
    );
    expect(speed).toContain('<strong>2.0 days</strong> to the first request');
    expect(speed).toContain('<strong>6.0 days</strong> to the booking');
    expect(speed.match(/<svg class="chart"/g)).toHaveLength(2);
    expect(speed).toContain('<title id="chart-contact-title">Days from close to the first request</title>');
    expect(speed).toContain('median 2.0, p90 3.6');
    expect(speed).not.toContain('style=');
  });
});

describe('the overview’s health', () => {
  eachDatabase('of the nets', (open) => {
    it('tells of the sweep, SkipUp’s endpoint and catching up, and what to do', async () => {
      const database = await open();
      const { db } = database;
      const now = new Date();
      const findings = {
        endpoint: 'off_by_person',
        takenIn: 0,
        known: 0,
        advice: 'Switch it on: `kickoff webhooks ensure`',
      };
      await recordSweep(db, { part: 'deliveries', sweptAt: now, findings });
      await openCatchUp(db, { crm: 'hubspot', now });
      await openCatchUp(db, { crm: 'pipedrive', now });
      const problem = 'HubSpot does not accept the token.';
      await recordCatchUpProblem(db, { crm: 'hubspot', lookedAt: now, problem, findings: {} });
      const get = await openConsole(database);
      const health = part((await get('/')).text, 'health');
      expect(health).toMatch(/<a href="\/webhooks">Sweep of SkipUp<\/a> <span class="chip alert">Trouble<\/span>/);
      expect(health).toContain('Somebody has switched SkipUp’s endpoint off.');
      expect(health).toContain('Switch it on: kickoff webhooks ensure');
      expect(health).toContain('Catching up with HubSpot <span class="chip alert">Trouble</span>');
      expect(health).toContain(problem);
      // It is not configured here any more.
      expect(health).not.toContain('Pipedrive');
      const later = await openConsole(database, { now: () => new Date(now.getTime() + 3_600_000) });
      await recordSweep(db, { part: 'deliveries', sweptAt: now, findings: { ...findings, endpoint: 'on' } });
      expect(part((await later('/')).text, 'health')).toMatch(
        /<a href="\/webhooks">Sweep of SkipUp<\/a> <span class="chip busy">Late<\/span>/,
      );
    });
  });
});
