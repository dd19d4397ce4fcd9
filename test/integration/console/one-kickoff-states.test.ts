import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type Database,
  insertInbox,
  markKickoffStarted,
  recordAnswered,
  recordAsked,
  recordPhase,
  recordResolution,
  reopenKickoff,
} from '../../../database/index.ts';
import type { KickoffStatus } from '../../../workflows/messages.ts';
import { openPglite } from '../../harness/pglite.ts';
import { openConsole, seedBooked, seedKickoff, type TestConsoleOptions } from './console.ts';
import { answering, offered, statusOf } from './status-client.ts';

const HOSTILE = `<script>alert(1)</script>"'><img src=x onerror=alert(2)>`;
/** A Tuesday, 17:30 in London and 12:30 in New York. */
const NOW = new Date('2026-02-10T17:30:00Z');

let database: Database;
beforeAll(async () => {
  database = await openPglite();
});
afterAll(async () => {
  await database.close();
});

/** Every part of the page, by its id. */
async function partsOf(
  workflowId: string,
  status: KickoffStatus | 'silent',
  options: TestConsoleOptions = {},
): Promise<Record<string, string>> {
  const get = await openConsole(database, { client: answering(status), now: () => NOW, ...options });
  const page = await get(`/kickoffs/${encodeURIComponent(workflowId)}`);
  expect(page.status).toBe(200);
  const parts = page.text.split('<section ').slice(1);
  return Object.fromEntries(parts.map((part) => [/ id="([^"]+)"/.exec(part)?.[1] ?? '', part]));
}

/** Where the buttons of a part lead. */
function buttonsIn(part: string | undefined): string[] {
  return [...(part ?? '').matchAll(/<a class="button[^"]*" href="\/actions\/([^"]+)"/g)].map(([, to]) =>
    decodeURIComponent((to ?? '').replaceAll('&amp;', '&')),
  );
}

/** The story's states in words, in their order. */
function statesIn(part: string | undefined): string[] {
  return [...(part ?? '').matchAll(/<span class="state">([^<]+)</g)].map(([, words]) => words ?? '');
}

describe('what a kickoff waits for, and what may be done about it', () => {
  it('is the workflow’s sentence, its instants in the viewer’s zone, and exactly the updates that it takes', async () => {
    const id = await seedBooked(database, '101');
    const status = statusOf(id, { commands: offered('cancel', 'pause', 'changeOrganizer', 'aNewOne') });
    const { now, story } = await partsOf(id, status);
    expect(now).toContain('It waits for SkipUp to book a time before <time datetime="2026-02-22T04:59:59.000Z">');
    expect(now).toContain('>Scheduling</span>');
    expect(buttonsIn(now)).toEqual([
      `kickoff.pause?on=${id}`,
      `kickoff.changeOrganizer?on=${id}`,
      `kickoff.cancel?on=${id}`,
    ]);
    expect(statesIn(story)).toEqual(['done', 'done', 'done', 'now', 'not yet', 'not yet', 'not yet']);
    expect(story?.match(/aria-current="step"/g)).toHaveLength(1);
  });

  it('is a person who adds a stakeholder, where the registry has a gap that blocks', async () => {
    const id = await seedKickoff(database, '102');
    await markKickoffStarted(database.db, id);
    const need = 'No participant is a champion: give one of them that role, or go on without.';
    const gap = { code: 'no_lead', severity: 'block', message: need, acceptable: true };
    const people = { organizer: undefined, participants: [], excluded: [], gaps: [gap] };
    await recordResolution(database.db, { workflowId: id, revision: 1, ...people, phase: 'needs_attention' });
    const waitingFor = 'a person: settle what is listed under needs, then send the update `proceed`';
    const status = statusOf(id, { phase: 'needs_attention', waitingFor, needs: [need], commands: offered('proceed') });
    const { now, why, story } = await partsOf(id, status);
    expect(now).toContain('settle what is listed under needs, then proceed.');
    expect(now).toContain(`<li>${need}</li>`);
    expect(now).toContain('<a href="/registry/account?id=acme">Add a stakeholder</a>');
    expect(buttonsIn(now)).toEqual([`kickoff.proceed?on=${id}`]);
    expect(why).toContain('Must be settled');
    expect(statesIn(story).slice(0, 3)).toEqual(['done', 'needs a person', 'not yet']);
    const seen = await partsOf(id, status, { as: 'viewer' });
    expect(buttonsIn(Object.values(seen).join(''))).toEqual([]);
    expect(seen.now).not.toContain('Add a stakeholder');
  });

  it('is a failed step with its two ways out beside it, at the top and in the table, and no other step has them', async () => {
    const id = await seedBooked(database, '103');
    const status = statusOf(id, {
      phase: 'onboarding',
      waitingFor: 'a person: retry or skip the failed step',
      needs: ['Step project failed: the CRM refused the task: no permission'],
      steps: [
        { id: 'status', list: 'on_booked', kind: 'crm_status', state: 'done' },
        { id: 'project', list: 'on_booked', kind: 'crm_task', state: 'failed', detail: 'no permission' },
        { id: 'mail', list: 'on_booked', kind: 'email', state: 'waiting', detail: 'after project' },
      ],
      commands: [
        { name: 'retryStep', about: '', example: { id: 'project' } },
        { name: 'skipStep', about: '', example: { id: 'project', reason: 'done by hand' } },
      ],
    });
    const { now, steps, story } = await partsOf(id, status);
    const both = [`kickoff.retryStep?id=project&on=${id}`, `kickoff.skipStep?id=project&on=${id}`];
    expect(buttonsIn(now)).toEqual(both);
    expect(buttonsIn(steps)).toEqual(both);
    // Said once: not as a need and again as a step.
    expect(now?.match(/no permission/g)).toHaveLength(1);
    expect(steps).toContain('<code>mail</code>');
    expect(steps).toContain('after project');
    expect(statesIn(story)).toEqual(['done', 'done', 'done', 'done', 'done', 'needs a person', 'not yet']);
    expect(story).toContain('1 of 3 done, 1 failed');
  });

  it('is told from the database, without a button, when the workflow says nothing', async () => {
    const id = await seedBooked(database, '104');
    const { now, steps } = await partsOf(id, 'silent');
    expect(now).toContain('no worker is running, or Temporal cannot be reached');
    expect(now).toContain('the onboarding steps are running');
    expect(now).toContain('failed: the CRM refused the task: no permission');
    expect(buttonsIn(now)).toEqual([]);
    expect(buttonsIn(steps)).toEqual([]);
  });

  it('is its start, where it was claimed only; a former revision that still answers is not believed', async () => {
    const claimed = await seedKickoff(database, '105');
    expect((await partsOf(claimed, statusOf(claimed, { commands: offered('cancel') }))).now).toContain(
      'It has been claimed, and its workflow is not known to have started yet.',
    );
    const again = await seedBooked(database, '106');
    await recordPhase(database.db, { workflowId: again, revision: 1, phase: 'cancelled', needs: [] });
    const { deal, origin } = await rowOf(again);
    await reopenKickoff(database.db, { workflowId: again, deal, origin });
    await markKickoffStarted(database.db, again);
    const { now, meeting, steps, timeline } = await partsOf(again, statusOf(again, { commands: offered('cancel') }));
    expect(now).toContain('What Temporal runs is still revision 1; revision 2 is about to start.');
    expect(buttonsIn(now)).toEqual([]);
    expect(meeting).toContain('None has been sent for this revision yet.');
    expect(meeting).toContain('The request of the revision before');
    expect(steps).toContain('revision 1');
    // The request, what SkipUp told of it, and two steps.
    expect(timeline?.match(/revision 1, over/g)).toHaveLength(4);
  });
});

describe('the people', () => {
  it('have their local time, how far it is from the organizer’s, and the window there', async () => {
    const { people } = await partsOf(await seedBooked(database, '201'), 'silent');
    expect(people).toContain('>Tue 10 Feb, 12:30 America/New_York</time>');
    expect(people).toContain('>Tue 10 Feb, 17:30 Europe/London</time>');
    expect(people).toContain('5 h ahead of the organizer');
    expect(people).toContain('12 Feb, 14:00 to 22 Feb, 04:59 Europe/London');
    expect(people).toContain('time zone not known');
  });

  it('are in or out for a reason: as the workflow tells it, with those who were only considered', async () => {
    const id = await seedBooked(database, '202');
    const { why } = await partsOf(
      id,
      statusOf(id, {
        why: [
          {
            email: 'cs@vendor.example',
            name: 'Cy Ess',
            outcome: 'organizer',
            reason: 'invites, from registry (account)',
          },
          { email: 'ada@acme.example', outcome: 'participant', reason: 'required, executive_sponsor, from CRM' },
          { name: 'contact 7', outcome: 'excluded', reason: 'no e-mail address' },
          { email: 'x@acme.example', outcome: 'replaced', reason: 'others were named by hand' },
          { email: 'far@acme.example', outcome: 'not_of_deal', reason: 'only other deals or accounts name them' },
        ],
      }),
    );
    expect(
      [...(why ?? '').matchAll(/<span class="chip \w+">([^<]+)<\/span><\/td>/g)].map(([, words]) => words),
    ).toEqual(['Organizes', 'In', 'Out', 'Out: others were named', 'Not of this deal']);
    expect(why).toContain('required, executive sponsor, from CRM');
    expect(why).toContain('no e-mail address');
    expect(why).toContain('1 person whom the registry knows and who are not of this deal');
  });
});

describe('the timeline', () => {
  it('says of each event how it was verified, shows what it said without secrets, and replays a dead one', async () => {
    const id = await seedBooked(database, '301');
    const event = { source: 'skipup' as const, subject: 'mr_301', payload: {} };
    const { ids } = await insertInbox(database.db, [
      {
        ...event,
        dedupeKey: 'signed',
        eventType: 'meeting_request.paused',
        payload: { event: HOSTILE, api_key: 'sk_live_hidden', timestamp: '2026-02-11T10:00:00Z' },
        verification: { by: 'skipup-t,v1', secret: 2 },
      },
      { ...event, dedupeKey: 'swept', eventType: 'meeting_request.resumed', payload: { noticed_by: 'sweep' } },
      { ...event, dedupeKey: 'long', eventType: 'meeting_request.created', payload: { long: 'x'.repeat(20_000) } },
    ]);
    await sql`update inbox set status = 'dead', reason = ${HOSTILE} where id = ${ids[0]}`.execute(database.db);
    const { timeline = '' } = await partsOf(id, 'silent');
    expect(timeline).toContain('SkipUp’s signature (t,v1) is right; with the configured secret number 2.');
    expect(timeline).toContain('Nobody sent it: the sweep read it at SkipUp');
    expect(timeline).toContain('How it was verified is not written down');
    expect(timeline).toContain('&quot;api_key&quot;: &quot;(not shown)&quot;');
    expect(timeline).not.toContain('sk_live_hidden');
    expect(timeline).toContain('What it said is too long to be shown here.');
    expect(timeline).not.toMatch(/<script|<img/);
    expect(buttonsIn(timeline)).toEqual([`inbox.replay?on=${ids[0]}`]);
  });

  it('has what people did here, with their reasons and the answers', async () => {
    const id = await seedBooked(database, '302');
    const ada = { subject: 'account:ada', name: HOSTILE, role: 'operator' as const, target: id };
    const retry = { ...ada, attempt: 'one', action: 'kickoff.retryStep' };
    await recordAsked(database.db, { ...retry, reason: 'permission was granted', input: { id: 'project' } });
    await recordAnswered(database.db, { ...retry, outcome: 'refused', answer: 'No step project has failed.' });
    await recordAsked(database.db, { ...ada, attempt: 'two', action: 'kickoff.cancel', reason: 'postponed' });
    await recordAsked(database.db, { ...ada, attempt: 'three', action: 'kickoff.pause', target: 'kickoff:else' });
    const { timeline = '' } = await partsOf(id, 'silent');
    const entries = timeline.split('<li ').filter((entry) => entry.startsWith('class="of-person"'));
    expect(entries).toHaveLength(2);
    expect(entries[0]).toContain('&lt;script&gt;');
    expect(entries[0]).toContain('Retry this step <code>project</code> <span class="chip alert">refused</span>');
    expect(entries[0]).toContain('<q><bdi>permission was granted</bdi></q>');
    expect(entries[0]).toContain('Answer: No step project has failed.');
    expect(entries[1]).toContain('no answer yet');
  });

  it('tells who was told that nobody books', async () => {
    const id = await seedBooked(database, '303');
    const told = {
      level: 'manager' as const,
      to: 'boss@vendor.example',
      followUps: 1,
      since: '',
      revision: 1,
      asked: ['Ada'],
    };
    const { timeline } = await partsOf(id, statusOf(id, { escalations: [told] }));
    expect(timeline).toContain('Nobody books: the manager (boss@vendor.example) was told after 1 follow-ups');
  });

  it('folds the middle of a long one, and keeps its order', async () => {
    const id = await seedBooked(database, '304');
    await insertInbox(
      database.db,
      Array.from({ length: 600 }, (_, n) => ({
        source: 'skipup' as const,
        dedupeKey: `long ${n}`,
        eventType: 'meeting_request.follow_up_sent',
        subject: 'mr_304',
        payload: { n },
      })),
    );
    const { timeline = '' } = await partsOf(id, 'silent');
    expect(timeline).toContain('<a href="/inbox?q=kickoff%3A304">inbox</a> has them all');
    expect(timeline.match(/id="event-/g)).toHaveLength(500);
    const [before = '', between = '', after = ''] = timeline.split(
      /<details id="timeline-between">|<\/details>\n<ol class="timeline" start=/,
    );
    expect(before.match(/<li /g)).toHaveLength(15);
    expect(between).toMatch(/^\n<summary>\d+ more in between/);
    expect(after.match(/<li /g)).toHaveLength(45);
  });
});

it('a kickoff that has ended says how, where its story stopped, and what was never reached', async () => {
  const id = await seedKickoff(database, '401');
  await markKickoffStarted(database.db, id);
  await recordPhase(database.db, { workflowId: id, revision: 1, phase: 'cancelled', needs: [] });
  const { now, story, timeline } = await partsOf(id, 'silent');
  expect(now).toContain('>Cancelled</span>');
  expect(statesIn(story)).toEqual(['done', 'ended here', ...Array(5).fill('not reached')]);
  expect(timeline).toContain('It ended: Cancelled');
});

async function rowOf(workflowId: string): Promise<{ deal: object; origin: object }> {
  const query = database.db.selectFrom('kickoffs').select(['deal', 'origin']);
  return await query.where('workflow_id', '=', workflowId).executeTakeFirstOrThrow();
}
