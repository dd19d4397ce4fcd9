import { describe, expect, it } from 'vitest';
import {
  attachRequestId,
  beginMeetingRequest,
  claimRecovery,
  type Database,
  insertInbox,
  markDelivered,
  markRecoveryStarted,
  optOut,
  recordMeetingEvent,
  recordRecovery,
} from '../../../database/index.ts';
import { eachDatabase, openEmptied } from '../../harness/databases.ts';
import { openConsole, seedStep, TEMPORAL_UI } from './console.ts';

const HOSTILE = `<script>alert(1)</script>"'><img src=x onerror=alert(2)>`;

async function seedLead(
  database: Database,
  leadId: string,
  { name = 'Sarah Chen', email = `${leadId}@globex.example`, date = '2026-02-10', ...record }: Seed = {},
): Promise<string> {
  const workflowId = `lead:${leadId}:recovery:${date}`;
  const lead = { id: leadId, crm: 'hubspot', email, name, company: 'Globex', url: 'javascript:alert(1)' };
  const origin = { kind: 'form', reference: `s-${leadId}`, receivedAt: '2026-02-10T09:00:00Z' };
  const form = { name: 'Demo request', submittedAt: '2026-02-10T09:00:00Z', answers: { [HOSTILE]: HOSTILE } };
  const attempt = date === '2026-02-10' ? 1 : 2;
  await claimRecovery(database.db, { workflowId, crm: 'hubspot', leadId, attempt, email, lead, form, origin });
  await markRecoveryStarted(database.db, workflowId);
  await recordRecovery(database.db, { workflowId, phase: 'needs_attention', needs: [], ...record });
  return workflowId;
}
interface Seed extends Partial<Parameters<typeof recordRecovery>[1]> {
  name?: string;
  email?: string;
  date?: string;
}

async function seedRequest(
  database: Database,
  workflowId: string,
  requestId: string,
  firstTriedAt: string,
): Promise<void> {
  await beginMeetingRequest(database.db, {
    workflowId,
    revision: 1,
    idempotencyKey: workflowId,
    organizerEmail: 'cs@vendor.example',
    participantEmails: ['x@globex.example'],
    timeframeStart: '2026-02-12T14:00:00Z',
    timeframeEnd: '2026-02-22T04:59:59Z',
    firstTriedAt,
  });
  await attachRequestId(database.db, { idempotencyKey: workflowId, requestId, status: 'active' });
}

/** A request makes the ledger say that it is being scheduled; afterwards something has gone wrong. */
async function seedNeed(database: Database, workflowId: string, need: string): Promise<void> {
  await recordRecovery(database.db, { workflowId, phase: 'needs_attention', needs: [need] });
}

const path = (workflowId: string) => `/leads/${encodeURIComponent(workflowId)}`;

eachDatabase('the pages of leads', (open) => {
  it('list recoveries by phase and by words, in pages that neither repeat nor leave out a lead', async () => {
    const database = await open();
    for (let lead = 0; lead < 53; lead += 1)
      await seedLead(database, `7${String(lead).padStart(3, '0')}`, { phase: 'cancelled' });
    const waiting = await seedLead(database, '40101', { name: `${HOSTILE} Chen` });
    await seedRequest(database, waiting, 'mr_lead', new Date().toISOString());
    await seedNeed(database, waiting, 'Nobody organizes it.');
    const get = await openConsole(database, { hasRecovery: true });
    const first = await get('/leads');
    expect(first.status).toBe(200);
    expect(first.text).toContain('Nobody organizes it.');
    expect(first.text).toContain('Cancelled: 53');
    expect(first.text).not.toMatch(/<script>|<img/);
    const linked = (text: string) => [...text.matchAll(/href="\/leads\/([^"]+)"/g)].map(([, id = '']) => id);
    const older = /href="([^"]+)" rel="next"/.exec(first.text)?.[1]?.replaceAll('&amp;', '&') ?? '';
    const second = await get(older);
    const all = [...linked(first.text), ...linked(second.text)];
    expect(all).toHaveLength(54);
    expect(new Set(all).size).toBe(54);
    for (const query of ['q=chen+globex', 'q=40101', 'q=mr_lead', 'phase=needs_attention']) {
      const { text } = await get(`/leads?${query}`);
      expect(text, query).toContain(encodeURIComponent(waiting));
    }
    expect(linked((await get('/leads?q=40101')).text)).toEqual([encodeURIComponent(waiting)]);
    expect((await get('/leads?q=nobody%25_%27')).text).toContain('No lead is like that.');
    for (const query of ['phase=nonsense', 'phase=a&phase=b', 'before=x', `q=${'x'.repeat(201)}`]) {
      expect((await get(`/leads?${query}`)).status, query).toBe(400);
    }
  });

  it('say how recovery does: of those asked in 90 days, who has booked, and how many days later', async () => {
    const database = await open();
    const days = (ago: number) => new Date(Date.now() - ago * 86_400_000).toISOString();
    for (const [index, tookDays] of [2, 4, undefined, undefined].entries()) {
      const workflowId = await seedLead(database, `500${index}`, { phase: 'scheduling' });
      await seedRequest(database, workflowId, `mr_${index}`, days(10));
      if (tookDays !== undefined)
        await recordMeetingEvent(database.db, { requestId: `mr_${index}`, name: 'booked', at: days(10 - tookDays) });
    }
    const old = await seedLead(database, '5009', { phase: 'scheduling' });
    await seedRequest(database, old, 'mr_old', days(100));
    const { text } = await (await openConsole(database, { hasRecovery: true }))('/leads');
    for (const figure of [
      '<strong>4</strong> asked',
      '<strong>2</strong> recovered',
      '<strong>50 %</strong>',
      '<strong>3.0 days</strong>',
    ]) {
      expect(text).toContain(figure);
    }
  });

  it('tell one lead’s story, also while nobody can be asked, with its other attempts and whether it has opted out', async () => {
    const database = await open();
    const former = await seedLead(database, '40101', { phase: 'expired', reason: 'nobody found a date' });
    const workflowId = await seedLead(database, '40101', {
      date: '2026-03-10',
      name: HOSTILE,
    });
    await seedRequest(database, workflowId, 'mr_lead', '2026-03-10T09:30:05Z');
    await seedNeed(database, workflowId, 'Nobody organizes it.');
    await seedStep(database, workflowId, 'status', HOSTILE);
    const { ids } = await insertInbox(database.db, [
      { source: 'form', dedupeKey: 'f', eventType: 'workflow.webhook', subject: '40101', payload: { secret: 'hush' } },
      {
        source: 'skipup',
        dedupeKey: 'b',
        eventType: 'meeting_request.follow_up_sent',
        subject: 'mr_lead',
        payload: {},
      },
    ]);
    for (const id of ids) await markDelivered(database.db, id, workflowId);
    await optOut(database.db, { email: '40101@globex.example', reason: 'asked for it', recordedBy: 'Ada' });
    const get = await openConsole(database, { hasRecovery: true });
    const { status, text } = await get(path(workflowId));
    expect(status).toBe(200);
    for (const words of [
      'Nobody organizes it.',
      'What is shown is what the database knows',
      'SkipUp was asked for a meeting',
      'meeting_request.follow_up_sent',
      'nobody found a date',
      'The address has opted out: asked for it',
      '/actions/lead.optIn?',
      `href="${path(former)}"`,
      `href="${TEMPORAL_UI}/workflows/${encodeURIComponent(workflowId)}"`,
    ]) {
      expect(text).toContain(words);
    }
    expect(text).not.toMatch(/<script>|<img|javascript:|hush/);
    const ids2 = [...text.matchAll(/\sid="([^"]+)"/g)].map(([, id]) => id);
    expect(new Set(ids2).size).toBe(ids2.length);
    for (const unknown of ['lead:1:recovery:2026-02-10', '%00', HOSTILE]) {
      expect((await get(path(unknown))).status).toBe(404);
    }
  });

  it('have no button for a viewer, and say in an empty list how to begin', async () => {
    const database = await open();
    expect((await (await openConsole(database))('/leads')).text).toContain('recovery: {}');
    const viewer = await openConsole(database, { as: 'viewer', hasRecovery: true });
    expect((await viewer('/leads')).text).toContain('Point a form at');
    const workflowId = await seedLead(database, '1');
    expect((await viewer(path(workflowId))).text).not.toContain('/actions/');
    expect((await viewer(`/actions/lead.proceed?on=${encodeURIComponent(workflowId)}`)).status).toBe(403);
  });
});

describe('pages that Temporal alone can fill', () => {
  it('say that it is not there', async () => {
    const get = await openConsole(await openEmptied());
    const [list, one, people] = await Promise.all([
      get('/backfills'),
      get('/backfills/backfill%3Ax'),
      get('/hand-overs'),
    ]);
    expect(list.status).toBe(200);
    expect(list.text).toContain('Temporal cannot be reached');
    expect(one.status).toBe(503);
    expect(people.text).toContain('Temporal cannot be reached');
    expect((await get('/backfills?page=%3Cscript%3E')).status).toBe(400);
    expect((await get('/backfills/%00')).status).toBe(404);
    expect((await get.post('/hand-overs', { email: 'nonsense' })).text).toContain('“nonsense” is no e-mail address.');
    const form = await get('/actions/backfill.start?on=backfill%3Anew');
    expect(form.text).toContain('Dry run');
  });
});
