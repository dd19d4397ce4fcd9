import type { CatchUpRow, InboxState, SweepRow } from '../../database/index.ts';
import { atMost } from '../overview/count-words.ts';
import { type Content, html } from '../page/html.ts';
import { instant } from '../page/instant.ts';
import { workflowLink } from '../page/link.ts';
import { crmName } from '../words/crm.ts';
import { SOURCE_WORDS } from '../words/inbox.ts';
import { since } from '../words/lasting.ts';
import { endpointOf } from './endpoint.ts';
import type { ScheduleState, TemporalState } from './temporal.ts';

/** What the product's health is read off. */
export interface HealthFacts {
  inbox: InboxState;
  sweeps: readonly SweepRow[];
  catchUps: readonly CatchUpRow[];
  temporal: TemporalState;
  /** Those that are configured. */
  crms: readonly string[];
  now: Date;
}

/** How one part is, in words, and what to do when it is not well. */
export interface Check {
  name: string;
  /** The page that has more about it. */
  path?: string;
  state: 'fine' | 'late' | 'trouble' | 'quiet';
  says: Content;
  todo?: Content;
}

/** A relay takes a row up within a second; one that waits for so long is stuck, or there are too many. */
const PENDING_LATE_MS = 2 * 60_000;
/** So many may fail to come before it counts as late. */
const MISSED = 3;
/** How often they come where no Schedule says it; the configuration's defaults. */
const SWEEP_MINUTES = 5;
const CATCH_UP_MINUTES = 15;

/**
 * Every part that has to run for kickoffs to go their way.
 *
 * @param zone IANA, in which instants are shown
 */
export function checksOf(facts: HealthFacts, zone: string): Check[] {
  const { temporal } = facts;
  return [
    webhooks(facts, zone),
    temporalItself(temporal),
    ...workers(temporal),
    sweep(facts, zone),
    ...catchUps(facts, zone),
    ...backfills(temporal),
  ];
}

function webhooks({ inbox, now }: HealthFacts, zone: string): Check {
  const { pending, pendingSince, unmatched, dead, lastReceived } = inbox;
  const isLate = pendingSince !== undefined && now.getTime() - pendingSince.getTime() > PENDING_LATE_MS;
  const counts = [
    ...(pending > 0 ? [`${atMost(pending)} pending`] : []),
    ...(unmatched > 0 ? [`${atMost(unmatched)} about requests that are not known yet`] : []),
    ...(dead > 0 ? [`${atMost(dead)} could not be delivered`] : []),
  ];
  const received = lastReceived.map(
    ({ source, at }, index) => html`${index > 0 && ', '}${SOURCE_WORDS[source]} ${instant(at, zone)}`,
  );
  const says = html`${received.length === 0 ? 'Nothing has come in yet.' : html`Last heard of: ${received}.`}${counts.length > 0 && ` In the inbox: ${counts.join(', ')}.`}`;
  const name = 'Webhooks and inbox';
  const path = '/inbox';
  if (dead > 0)
    return {
      name,
      path,
      state: 'trouble',
      says,
      todo: html`<a href="/inbox?status=dead">See why, and replay them</a>`,
    };
  if (isLate) {
    const todo = html`Nothing takes them on. Is <code>kickoff serve</code> running, and does it reach Temporal? <a href="/inbox?status=pending">What waits</a>`;
    return { name, path, state: 'late', says, todo };
  }
  return { name, path, state: received.length === 0 ? 'quiet' : 'fine', says };
}

function temporalItself(temporal: TemporalState): Check {
  const name = 'Temporal';
  if (temporal.isReachable) return { name, state: 'fine', says: 'It answers.' };
  const todo = html`What comes in is kept until it is back. <code>kickoff doctor</code> says what is wrong.`;
  return { name, state: 'trouble', says: 'It does not answer.', todo };
}

function workers(temporal: TemporalState): Check[] {
  if (!temporal.isReachable || temporal.queues.length === 0) return [];
  const missing = temporal.queues.filter(({ isAttended }) => !isAttended).map((queue) => queue.name);
  const name = 'Workers';
  if (missing.length === 0) return [{ name, state: 'fine', says: 'They ask for work.' }];
  const says = `Nobody works on the task ${missing.length === 1 ? 'queue' : 'queues'} ${missing.join(' and ')}.`;
  return [{ name, state: 'trouble', says, todo: html`Start one: <code>kickoff worker</code>` }];
}

function sweep({ sweeps, temporal, now }: HealthFacts, zone: string): Check {
  const name = 'Sweep of SkipUp';
  const path = '/webhooks';
  const schedule = temporal.isReachable ? temporal.sweep : undefined;
  if (sweeps.length === 0) return notYet({ name, path }, schedule);
  const at = new Date(Math.max(...sweeps.map(({ swept_at }) => swept_at.getTime())));
  const endpoint = endpointOf(sweeps);
  const says = html`It last ran ${since(at, now)} ago, ${instant(at, zone)}.${endpoint && ` ${endpoint.says}`}`;
  const problems = sweeps.flatMap(({ problem }) => problem ?? []);
  if (problems.length > 0)
    return { name, path, state: 'trouble', says: html`${says} It did not get through: ${problems.join('; ')}` };
  if (endpoint?.advice !== undefined) return { name, path, state: 'trouble', says, todo: endpoint.advice };
  return onTime({ name, path, says, at, now, schedule, minutes: SWEEP_MINUTES });
}

function catchUps({ catchUps: rows, crms, temporal, now }: HealthFacts, zone: string): Check[] {
  const schedule = temporal.isReachable ? temporal.catchUp : undefined;
  const looked = rows
    .filter(({ crm }) => crms.includes(crm))
    .map((row): Check => {
      const name = `Catching up with ${crmName(row.crm)}`;
      const says = html`Looked through to ${instant(row.checkpoint, zone)}, ${since(row.checkpoint, now)} ago.`;
      if (row.problem !== null)
        return { name, state: 'trouble', says: html`${says} The last look did not get through: ${row.problem}` };
      return onTime({ name, says, at: row.checkpoint, now, schedule, minutes: CATCH_UP_MINUTES });
    });
  if (looked.length > 0 || crms.length === 0 || schedule === undefined) return looked;
  return [notYet({ name: 'Catching up with the CRM' }, schedule)];
}

function backfills(temporal: TemporalState): Check[] {
  if (!temporal.isReachable || temporal.backfills === undefined) return [];
  const running = temporal.backfills;
  const says =
    running.length === 0
      ? 'None is running.'
      : html`Running: ${running.map((id, index) => html`${index > 0 && ', '}${workflowLink(id)}`)}.`;
  return [{ name: 'Backfills', path: '/backfills', state: 'fine', says }];
}

function notYet(of: Pick<Check, 'name' | 'path'>, schedule: ScheduleState | undefined): Check {
  const check: Check = { ...of, state: 'quiet', says: 'It has not run yet.' };
  return schedule?.isPaused === true ? paused(check, schedule) : check;
}

interface Clocked extends Pick<Check, 'name' | 'path' | 'says'> {
  at: Date;
  now: Date;
  schedule: ScheduleState | undefined;
  /** How often it should come, where no Schedule says it. */
  minutes: number;
}

function onTime(given: Clocked): Check {
  const { name, path, says, at, now, schedule } = given;
  const of = { name, ...(path !== undefined && { path }), says };
  const minutes = schedule?.everyMinutes ?? given.minutes;
  if (schedule?.isPaused === true) return paused({ ...of, state: 'late' }, schedule);
  if (now.getTime() - at.getTime() <= MISSED * minutes * 60_000) return { ...of, state: 'fine' };
  const todo = html`It is due every ${minutes} min. Is <code>kickoff worker</code> running? <code>kickoff schedules list</code> says when it comes.`;
  return { ...of, state: 'late', todo };
}

function paused(check: Check, { note }: ScheduleState): Check {
  const why = note === '' ? '' : `: ${note}`;
  return {
    ...check,
    state: 'late',
    todo: html`Its Schedule is paused${why}. It is resumed in the Temporal UI, under Schedules.`,
  };
}
