import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { freeSpans } from '../../../sandbox/conversation/calendar.ts';
import { calendarOf } from '../../../sandbox/conversation/habits.ts';
import { startSandbox } from '../../../sandbox/index.ts';
import type { Running } from './running.ts';
import { acmeRequest, created, receiver, running, subscribe } from './running.ts';

const slotSchema = z.object({ start: z.string(), end: z.string() }).nullable();
const transcriptSchema = z.object({
  status: z.string(),
  slot: slotSchema,
  lines: z.array(z.object({ at: z.string(), from: z.string(), to: z.array(z.string()).optional(), text: z.string() })),
});

async function transcript(sandbox: Running, id: string) {
  return transcriptSchema.parse((await sandbox.control(`GET /meeting_requests/${id}/transcript`)).body);
}

/** When somebody is busy, as local wall times that the test writes down for itself. */
type Busy = readonly (readonly [from: string, to: string])[];
interface Person {
  email: string;
  timezone: string;
  /** Hours east of Greenwich in February. */
  offset: number;
  busy: Busy;
}

const PEOPLE: Person[] = [
  {
    email: 'jordan.lee@yourcompany.example',
    timezone: 'America/New_York',
    offset: -5,
    busy: [['2026-02-12T12:00', '2026-02-12T13:00']],
  },
  {
    email: 'jamie.chen@acme-corp.example',
    timezone: 'America/New_York',
    offset: -5,
    busy: [
      ['2026-02-12T13:00', '2026-02-12T14:30'],
      ['2026-02-13T09:00', '2026-02-13T13:00'],
    ],
  },
  {
    email: 'pat.kumar@acme-corp.example',
    timezone: 'America/Chicago',
    offset: -6,
    busy: [['2026-02-12T13:30', '2026-02-12T17:00']],
  },
  {
    email: 'alex.ross@acme-corp.example',
    timezone: 'America/Los_Angeles',
    offset: -8,
    busy: [['2026-02-13T09:00', '2026-02-13T10:30']],
  },
  {
    email: 'taylor.kim@acme-corp.example',
    timezone: 'America/Chicago',
    offset: -6,
    busy: [['2026-02-13T12:30', '2026-02-13T12:45']],
  },
];

const HALF_HOUR = 1_800_000;
const utc = (wall: string, offset: number) => Date.parse(`${wall}:00Z`) - offset * 3_600_000;

/** The same question asked in the plainest way: every half-hour in turn, everybody in turn. */
function firstSlotByHand(people: readonly Person[], from: string, to: string, minutes: number): number | undefined {
  for (let start = Math.ceil(Date.parse(from) / HALF_HOUR) * HALF_HOUR; start < Date.parse(to); start += HALF_HOUR) {
    const end = start + minutes * 60_000;
    if (end > Date.parse(to)) return undefined;
    const suits = people.every(({ offset, busy }) => {
      const local = new Date(start + offset * 3_600_000);
      const opens = Date.UTC(local.getUTCFullYear(), local.getUTCMonth(), local.getUTCDate(), 9) - offset * 3_600_000;
      const isWeekday = local.getUTCDay() >= 1 && local.getUTCDay() <= 5;
      const atWork = isWeekday && start >= opens && end <= opens + 8 * 3_600_000;
      return atWork && busy.every(([a, b]) => end <= utc(a, offset) || start >= utc(b, offset));
    });
    if (suits) return start;
  }
  return undefined;
}

/** What the search by hand takes for granted. */
const ORDINARY = { workingHours: { start: '09:00', end: '17:00', days: [1, 2, 3, 4, 5] }, holidays: [] };

function fixtureOf(people: readonly Person[], habits: object = { replyAfterHours: 1, needsFollowUps: 0 }) {
  const entries = people.map(({ email, timezone, offset, busy }) => {
    const spans = busy.map(([a, b]) => ({
      start: new Date(utc(a, offset)).toISOString(),
      end: new Date(utc(b, offset)).toISOString(),
    }));
    return [email, { ...ORDINARY, timezone, busy: spans, ...habits }];
  });
  return { people: Object.fromEntries(entries) };
}

const WINDOW = acmeRequest().context.timeframe;

describe('the scheduling conversation', () => {
  it('books the first slot that suits four people and the organizer in three zones', async () => {
    const sandbox = await running({ fixture: fixtureOf(PEOPLE) });
    const { id } = await created(sandbox);
    await sandbox.advance('1d');
    const expected = firstSlotByHand(PEOPLE, WINDOW.start, WINDOW.end, 60);
    // 12 Feb has none: 12:00 to 17:00 in New York is all there is, and it is full; on the 13th it is 14:00.
    expect(expected).toBe(Date.parse('2026-02-13T19:00:00Z'));
    const { status, slot } = await transcript(sandbox, id);
    expect([status, slot?.start, slot?.end]).toEqual(['booked', '2026-02-13T19:00:00Z', '2026-02-13T20:00:00Z']);
    const { data } = await sandbox.api(`GET /meeting_requests/${id}`);
    expect(data).toMatchObject({ status: 'booked', booked_at: expect.any(String) });
    expect(JSON.stringify(data)).not.toContain('2026-02-13T19');
  });

  it('finds what a search by hand finds, for many durations, windows and calendars', async () => {
    const days = ['2026-02-12', '2026-02-13', '2026-02-16', '2026-02-17'];
    for (let round = 0; round < 8; round += 1) {
      const people = PEOPLE.map((person, n) => ({
        ...person,
        busy: days.flatMap((day, d): Busy => {
          const hour = 9 + ((round * 5 + n * 3 + d * 7) % 7);
          const pad = (h: number) => String(h).padStart(2, '0');
          return [[`${day}T${pad(hour)}:15`, `${day}T${pad(hour + 1 + ((round + n) % 2))}:00`]];
        }),
      }));
      const minutes = [30, 45, 60, 90, 120][round % 5] ?? 60;
      const timeframe = { start: `2026-02-${12 + (round % 4)}T10:00:00Z`, end: '2026-02-20T23:59:59Z' };
      const sandbox = await running({ fixture: fixtureOf(people) });
      const { id } = await created(sandbox, { context: { duration_minutes: minutes, timeframe } });
      await sandbox.advance('1d');
      const { slot } = await transcript(sandbox, id);
      const expected = firstSlotByHand(people, timeframe.start, timeframe.end, minutes);
      expect([round, slot === null ? undefined : Date.parse(slot.start)]).toEqual([round, expected]);
    }
  });

  it('books nothing in the past or at less than two hours’ notice, though the window has begun', async () => {
    const free = PEOPLE.map((person) => ({ ...person, busy: [] }));
    const sandbox = await running({ fixture: fixtureOf(free, { replyAfterHours: 4.5, needsFollowUps: 0 }) });
    const timeframe = { start: '2026-02-09T00:00:00Z', end: '2026-02-21T00:00:00Z' };
    const { id } = await created(sandbox, { context: { duration_minutes: 60, timeframe } });
    await sandbox.advance('5h');
    // All have answered at 18:31, and everybody is at work from 17:00 to 22:00.
    expect((await transcript(sandbox, id)).slot?.start).toBe('2026-02-10T21:00:00Z');
  });

  it('books nothing when nothing suits, stays active and says so', async () => {
    const early = PEOPLE.map((person) => ({ ...person, timezone: 'Asia/Tokyo', busy: [] }));
    const [organizer] = PEOPLE;
    const people = organizer === undefined ? early : [organizer, ...early.slice(1)];
    const sandbox = await running({ fixture: fixtureOf(people) });
    const participants = early.slice(1).map(({ email, timezone }) => ({ email, timezone }));
    const { id } = await created(sandbox, { participants });
    await sandbox.advance('9d');
    const { status, slot, lines } = await transcript(sandbox, id);
    expect([status, slot]).toEqual(['active', null]);
    expect(lines.at(-1)?.text).toContain('No time within 2026-02-12T00:00:00Z to 2026-02-21T00:00:00Z suits everybody');
  });

  it('looks again when the context is changed, and finds', async () => {
    const all = [['2026-02-12T00:00', '2026-02-22T00:00']] as const;
    const people = PEOPLE.map((person, n) => (n === 1 ? { ...person, busy: all } : { ...person, busy: [] }));
    const sandbox = await running({ fixture: fixtureOf(people) });
    const { id } = await created(sandbox);
    await sandbox.advance('2d');
    expect((await transcript(sandbox, id)).status).toBe('active');
    const timeframe = { start: '2026-02-23T00:00:00Z', end: '2026-02-25T00:00:00Z' };
    await sandbox.api(`POST /meeting_requests/${id}/context`, { body: { timeframe, duration_minutes: 30 } });
    await sandbox.advance('1h');
    const { slot } = await transcript(sandbox, id);
    expect(slot).toEqual({ start: '2026-02-23T17:00:00Z', end: '2026-02-23T17:30:00Z' });
  });

  it('looks into the new organizer’s calendar after a change', async () => {
    const busy = [['2026-02-12T00:00', '2026-02-22T00:00']] as const;
    const people = PEOPLE.map((person, n) => ({ ...person, busy: n === 0 ? busy : [] }));
    const fixture = fixtureOf(people);
    const sandbox = await running({
      fixture: { people: { ...fixture.people, 'morgan.diaz@yourcompany.example': { ...ORDINARY, busy: [] } } },
    });
    const { id } = await created(sandbox);
    await sandbox.advance('1d');
    expect((await transcript(sandbox, id)).status).toBe('active');
    const body = { new_organizer_email: 'morgan.diaz@yourcompany.example' };
    await sandbox.api(`POST /meeting_requests/${id}/change_organizer`, { body });
    await sandbox.advance('1h');
    expect((await transcript(sandbox, id)).slot?.start).toBe('2026-02-12T17:00:00Z');
  });

  it('asks again after a day of silence, tells it once for all the silent, and books when the last has answered', async () => {
    const fixture = fixtureOf(PEOPLE.map((person) => ({ ...person, busy: [] })));
    const slow = { replyAfterHours: 1, needsFollowUps: 2, busy: [] };
    const sandbox = await running({
      fixture: {
        people: {
          ...fixture.people,
          'pat.kumar@acme-corp.example': slow,
          'taylor.kim@acme-corp.example': { ...slow, needsFollowUps: 1 },
        },
      },
    });
    const hook = await receiver(200);
    await subscribe(sandbox, hook.url, { events: ['meeting_request.follow_up_sent', 'meeting_request.booked'] });
    const { id } = await created(sandbox);
    await sandbox.advance('3d');
    expect(hook.received.map(({ raw }) => JSON.parse(raw)).map(({ event, timestamp }) => [event, timestamp])).toEqual([
      ['meeting_request.follow_up_sent', '2026-02-11T14:01:00Z'],
      ['meeting_request.follow_up_sent', '2026-02-12T14:01:00Z'],
      ['meeting_request.booked', expect.stringMatching(/^2026-02-12T15:/)],
    ]);
    const { lines } = await transcript(sandbox, id);
    const reminders = lines.filter(({ text }) => /reminder|second time/.test(text)).map(({ to }) => to?.[0]);
    expect(reminders).toEqual([
      'pat.kumar@acme-corp.example',
      'taylor.kim@acme-corp.example',
      'pat.kumar@acme-corp.example',
    ]);
  });

  it('stops asking somebody who never answers, and stays active', async () => {
    const sandbox = await running({ fixture: { people: { 'alex.ross@acme-corp.example': { neverReplies: true } } } });
    const { id } = await created(sandbox);
    await sandbox.advance('20d');
    const { status, lines } = await transcript(sandbox, id);
    expect(status).toBe('active');
    expect(lines.at(-1)?.text).toBe('Alex Ross did not answer 4 follow-ups. I will wait and ask no more.');
    expect(lines.filter(({ from }) => from === 'alex.ross@acme-corp.example')).toEqual([]);
  });

  it('lets people answer in their own working hours', async () => {
    const sandbox = await running({ fixture: { everybody: { ...ORDINARY, replyAfterHours: 2, needsFollowUps: 0 } } });
    // 9:00 in New York is 6:00 in Los Angeles and 23:00 in Tokyo.
    const participants = [
      { email: 'east@acme-corp.example', timezone: 'America/New_York' },
      { email: 'west@acme-corp.example', timezone: 'America/Los_Angeles' },
      { email: 'tokyo@acme-corp.example', timezone: 'Asia/Tokyo' },
    ];
    const { id } = await created(sandbox, { participants });
    await sandbox.advance('1d');
    const { lines } = await transcript(sandbox, id);
    const answered = Object.fromEntries(
      lines.filter(({ from }) => from.includes('@')).map(({ from, at }) => [from, at]),
    );
    expect(answered['east@acme-corp.example']).toBe('2026-02-10T16:01:00Z');
    expect(answered['west@acme-corp.example']).toMatch(/^2026-02-10T17:[0-5]|^2026-02-10T18:00/);
    expect(answered['tokyo@acme-corp.example']).toMatch(/^2026-02-11T00:|^2026-02-11T01:00/);
  });

  it('introduces itself only when asked to', async () => {
    const sandbox = await running();
    const said = async (include_introduction: boolean) => {
      const { id } = await created(sandbox, { include_introduction });
      await sandbox.advance('2m');
      return (await transcript(sandbox, id)).lines.filter(({ text }) => text.startsWith('Hello, I am SkipUp')).length;
    };
    expect([await said(true), await said(false)]).toEqual([1, 0]);
  });

  it('rests while the request is paused, and takes up again where it was', async () => {
    const sandbox = await running({ fixture: fixtureOf(PEOPLE) });
    const { id } = await created(sandbox);
    await sandbox.advance('30m');
    await sandbox.api(`POST /meeting_requests/${id}/pause`);
    const before = await transcript(sandbox, id);
    await sandbox.advance('1d');
    expect((await transcript(sandbox, id)).lines).toEqual(before.lines);
    await sandbox.api(`POST /meeting_requests/${id}/resume`);
    await sandbox.advance('1d');
    const { status, slot } = await transcript(sandbox, id);
    expect([status, slot?.start]).toEqual(['booked', '2026-02-13T19:00:00Z']);
  });

  it('resumes a paused request by itself when somebody answers, when so set', async () => {
    const sandbox = await running({ fixture: fixtureOf(PEOPLE), settings: { autoResumeOnReply: true } });
    const { id } = await created(sandbox);
    await sandbox.advance('30m');
    await sandbox.api(`POST /meeting_requests/${id}/pause`);
    await sandbox.advance('45m');
    expect((await sandbox.api(`GET /meeting_requests/${id}`)).data.status).toBe('active');
    await sandbox.advance('1d');
    expect((await transcript(sandbox, id)).status).toBe('booked');
  });

  it('ends with a cancel, and tells the participants only when asked to', async () => {
    const sandbox = await running();
    for (const notify of [true, false]) {
      const { id } = await created(sandbox);
      await sandbox.advance('5m');
      await sandbox.api(`POST /meeting_requests/${id}/cancel`, { body: { notify } });
      const { lines } = await transcript(sandbox, id);
      expect(lines.at(-1)?.to?.length ?? 0).toBe(notify ? 4 : 0);
      await sandbox.advance('5d');
      expect((await transcript(sandbox, id)).lines).toHaveLength(lines.length);
    }
  });

  it('is the same to the letter for the same seed, and another for another', async () => {
    const run = async (seed: string) => {
      const sandbox = await running({ seed });
      const requests = [await created(sandbox), await created(sandbox, { include_introduction: false })];
      await sandbox.api('GET /workspace_members');
      await sandbox.advance('6d');
      return await Promise.all(requests.map(async ({ id }) => ({ id, ...(await transcript(sandbox, id)) })));
    };
    const [first, again, other] = [await run('a'), await run('a'), await run('b')];
    expect(again).toEqual(first);
    expect(other.map(({ id }) => id)).not.toEqual(first.map(({ id }) => id));
    expect(other.map(({ lines }) => lines)).not.toEqual(first.map(({ lines }) => lines));
  });

  it('comes to a booking within a week for nearly everybody', async () => {
    const sandbox = await running();
    const ids: string[] = [];
    for (let n = 0; n < 60; n += 1) {
      const participants = acmeRequest().participants.map((person) => ({ ...person, email: `${n}.${person.email}` }));
      ids.push((await created(sandbox, { participants })).id);
    }
    await sandbox.advance('7d');
    const ends = await Promise.all(ids.map(async (id) => (await transcript(sandbox, id)).status));
    expect(ends.filter((status) => status === 'booked').length).toBeGreaterThanOrEqual(57);
  });

  it('minds the new window when the context changes before all have answered', async () => {
    const free = PEOPLE.map((person) => ({ ...person, busy: [] }));
    const sandbox = await running({ fixture: fixtureOf(free, { replyAfterHours: 6, needsFollowUps: 0 }) });
    const { id } = await created(sandbox);
    await sandbox.advance('2h');
    const timeframe = { start: '2026-02-18T00:00:00Z', end: '2026-02-21T00:00:00Z' };
    await sandbox.api(`POST /meeting_requests/${id}/context`, { body: { timeframe, duration_minutes: 45 } });
    await sandbox.advance('2d');
    const { slot, lines } = await transcript(sandbox, id);
    expect(slot).toEqual({ start: '2026-02-18T17:00:00Z', end: '2026-02-18T17:45:00Z' });
    // What people offer lies in the new window: it begins on Tuesday at 16:00 in Los Angeles.
    const offers = lines.filter(({ from, text }) => from.includes('@') && text.startsWith('I could do'));
    expect(offers.map(({ text }) => /^I could do (\w+ \d+)/.exec(text)?.[1]).sort()).toEqual([
      'Tue 17',
      'Wed 18',
      'Wed 18',
      'Wed 18',
    ]);
  });

  it('minds a new organizer and a new window that came while it was paused', async () => {
    const all = [['2026-02-12T00:00', '2026-02-22T00:00']] as const;
    const people = PEOPLE.map((person, n) => ({ ...person, busy: n === 0 ? all : [] }));
    const morgan = { 'morgan.diaz@yourcompany.example': { ...ORDINARY, busy: [] } };
    const sandbox = await running({ fixture: { people: { ...fixtureOf(people).people, ...morgan } } });
    const { id } = await created(sandbox);
    await sandbox.advance('1d');
    expect((await transcript(sandbox, id)).status).toBe('active');
    await sandbox.api(`POST /meeting_requests/${id}/pause`);
    const organizer = { new_organizer_email: 'morgan.diaz@yourcompany.example' };
    await sandbox.api(`POST /meeting_requests/${id}/change_organizer`, { body: organizer });
    const timeframe = { start: '2026-02-19T00:00:00Z', end: '2026-02-21T00:00:00Z' };
    await sandbox.api(`POST /meeting_requests/${id}/context`, { body: { timeframe } });
    await sandbox.advance('1d');
    expect((await transcript(sandbox, id)).status).toBe('paused');
    await sandbox.api(`POST /meeting_requests/${id}/resume`);
    await sandbox.advance('1h');
    expect(await transcript(sandbox, id)).toMatchObject({ status: 'booked', slot: { start: '2026-02-19T17:00:00Z' } });
  });

  it('asks those who stay silent again, and nobody who has answered', async () => {
    const habits = fixtureOf(PEOPLE.map((person) => ({ ...person, busy: [] }))).people;
    const silent = { 'alex.ross@acme-corp.example': { neverReplies: true } };
    const sandbox = await running({
      fixture: { people: { ...habits, ...silent } },
      settings: { followUpAfterHours: 12, maxFollowUps: 3 },
    });
    const { id } = await created(sandbox);
    await sandbox.advance('6d');
    const { lines } = await transcript(sandbox, id);
    const askedAgain = lines.filter(({ text }) => /reminder|second time|third time/.test(text));
    expect(askedAgain.map(({ at, to }) => [at, to])).toEqual([
      ['2026-02-11T02:01:00Z', ['alex.ross@acme-corp.example']],
      ['2026-02-11T14:01:00Z', ['alex.ross@acme-corp.example']],
      ['2026-02-12T02:01:00Z', ['alex.ross@acme-corp.example']],
    ]);
    const { body } = await sandbox.control(`GET /meeting_requests/${id}`);
    const counts = body.participants as { email: string; follow_ups: number; replied_at: string | null }[];
    expect(counts.map(({ follow_ups, replied_at }) => [follow_ups, replied_at !== null])).toEqual([
      [0, true],
      [0, true],
      [3, false],
      [0, true],
    ]);
  });

  it('books over no public holiday of anybody’s country', async () => {
    const free = PEOPLE.map((person) => ({ ...person, busy: [] }));
    const countries = ['US', 'US', 'DE', 'US', 'US'];
    const habits = (n: number) => ({ replyAfterHours: 1, needsFollowUps: 0, country: countries[n] });
    const people = Object.assign({}, ...free.map((person, n) => fixtureOf([person], habits(n)).people));
    const holidays = { US: ['2026-02-12', '2026-02-16'], DE: ['2026-02-13'] };
    const sandbox = await running({ fixture: { people, holidays } });
    const { id } = await created(sandbox);
    await sandbox.advance('2d');
    expect((await transcript(sandbox, id)).slot?.start).toBe('2026-02-17T17:00:00Z');
  });

  it('knows no holidays of a country that the fixture does not list', async () => {
    const fixture = { everybody: { country: 'FR' }, holidays: { US: [] } };
    await expect(startSandbox({ fixture })).rejects.toMatchObject({
      code: 'invalid_options',
      message: expect.stringContaining('fixture.everybody.country: There are no holidays of FR'),
    });
  });
});

describe('what the seed decides about a person', () => {
  /** Free spans over a whole year, all days' ends and days off in it. */
  const year = (seed: string, email: string) => {
    const state = { seed, people: new Map(), everybody: { busy: [] } };
    const calendar = calendarOf(state, email, 'UTC');
    return freeSpans(seed, calendar, Date.parse('2026-01-01T00:00:00Z'), Date.parse('2027-01-01T00:00:00Z'));
  };
  const hours = (span: { start: number } | undefined) => new Date(span?.start ?? 0).getUTCHours();

  it('are hours, the same every day, and a few days off', () => {
    const begins = new Map<number, number>();
    const worked: number[] = [];
    for (let n = 0; n < 100; n += 1) {
      const days = year('seed', `person-${n}@acme-corp.example`);
      expect(new Set(days.map(hours)).size).toBe(1);
      expect(new Set(days.map(({ start, end }) => end - start))).toEqual(new Set([8 * 3_600_000]));
      begins.set(hours(days[0]), (begins.get(hours(days[0])) ?? 0) + 1);
      worked.push(days.length);
    }
    expect([...begins.keys()].sort((a, b) => a - b)).toEqual([8, 9, 10]);
    expect(begins.get(9)).toBeGreaterThan(40);
    // 2026 has 261 weekdays.
    expect(Math.max(...worked)).toBeLessThanOrEqual(261);
    expect(Math.min(...worked)).toBeGreaterThan(240);
    expect(new Set(worked).size).toBeGreaterThan(5);
  });

  it('are the same under the same seed, and others under another', () => {
    const all = (seed: string) => Array.from({ length: 20 }, (_, n) => year(seed, `${n}@acme-corp.example`));
    expect(all('a')).toEqual(all('a'));
    expect(all('a')).not.toEqual(all('b'));
  });

  it('give way to the fixture', () => {
    const habits = { busy: [], workingHours: { start: '07:00', end: '09:00', days: [6] }, holidays: [] };
    const calendar = calendarOf({ seed: 'seed', people: new Map(), everybody: habits }, 'a@b.example', 'UTC');
    const free = freeSpans('seed', calendar, Date.parse('2026-01-01T00:00:00Z'), Date.parse('2027-01-01T00:00:00Z'));
    expect([free.length, hours(free[0])]).toEqual([52, 7]);
  });
});
