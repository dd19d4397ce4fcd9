import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ALL_EVENTS, force, type Receiver, type Running, receiver, running, TUESDAY } from './running.ts';

/**
 * SkipUp's documented rules once more, in the plainest way. What somebody does is predicted to the letter; what SkipUp does
 * by itself as days go by is only allowed or not.
 */
interface Known {
  id: string;
  status: 'active' | 'paused' | 'booked' | 'cancelled';
  organizer: string;
  participant: string;
  createdAt: number;
}
interface Used {
  /** The participant tells the bodies apart. */
  participant: string;
  id: string;
  until: number;
}
interface Model {
  now: number;
  autoResume: boolean;
  /** Oldest first. */
  requests: Known[];
  keys: Map<string, Used>;
}

const JORDAN = 'jordan.lee@yourcompany.example';
const MORGAN = 'morgan.diaz@yourcompany.example';
const ORGANIZERS = [JORDAN, MORGAN, 'nobody@yourcompany.example'];
const PROMPT = 'prompt@acme-corp.example';
const SILENT = 'silent@acme-corp.example';
const HOUR_MS = 3_600_000;

/** Few requests, so that much happens to each. */
const at = fc.nat(2);
const FORCED = ['created', 'booked', 'cancelled', 'paused', 'resumed', 'organizer_changed', 'follow_up_sent'] as const;
const forced = fc.oneof(
  { weight: 2, arbitrary: fc.constantFrom(...FORCED) },
  { weight: 3, arbitrary: fc.constantFrom('booked' as const, 'cancelled' as const) },
);
const action = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({ does: fc.constant('create' as const), key: fc.nat(2), to: fc.constantFrom(PROMPT, SILENT) }),
  },
  { weight: 1, arbitrary: fc.record({ does: fc.constant('get' as const), at }) },
  { weight: 2, arbitrary: fc.record({ does: fc.constant('cancel' as const), at, notify: fc.boolean() }) },
  { weight: 3, arbitrary: fc.record({ does: fc.constantFrom('pause' as const, 'resume' as const), at }) },
  {
    weight: 2,
    arbitrary: fc.record({ does: fc.constant('change_organizer' as const), at, to: fc.constantFrom(...ORGANIZERS) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ does: fc.constant('context' as const), at, minutes: fc.constantFrom(15, 60, 0) }),
  },
  { weight: 3, arbitrary: fc.record({ does: fc.constant('force' as const), at, event: forced }) },
  {
    weight: 1,
    arbitrary: fc.record({ does: fc.constant('webhook_only' as const), at, event: fc.constantFrom(...FORCED) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      does: fc.constant('advance' as const),
      minutes: fc.constantFrom(5, 61, 90, 600, 1439, 1440),
    }),
  },
);
type Action = typeof action extends fc.Arbitrary<infer T> ? T : never;
type Told = Record<string, unknown>;

const seconds = (ms: number) => `${new Date(ms).toISOString().slice(0, 19)}Z`;

/** The payload of the webhook reference for a change that happens now. */
function payload(model: Model, { id }: Known, change: (typeof FORCED)[number], wasBooked = false): Told {
  const timestamp = seconds(model.now);
  const head = { event: `meeting_request.${change}`, timestamp, id };
  switch (change) {
    case 'created':
      return { ...head, status: 'active', created_at: timestamp };
    case 'booked':
      return { ...head, calendar_event_id: expect.stringMatching(/^evt_/), status: 'booked', booked_at: timestamp };
    case 'cancelled':
      return { ...head, status: 'cancelled', cancelled_at: timestamp, was_booked: wasBooked };
    case 'paused':
      return { ...head, status: 'paused', paused_at: timestamp };
    case 'resumed':
      return { ...head, status: 'active', resumed_at: timestamp };
    default:
      return head;
  }
}

/** What an answer should be: its status, its error's type if it is one, and the webhooks that follow. */
interface Outcome {
  status: number;
  type?: string;
  told: Told[];
}
const done = (...told: Told[]): Outcome => ({ status: 200, told });
const notNow: Outcome = { status: 422, type: 'invalid_request', told: [] };
const isOpen = ({ status }: Known) => status === 'active' || status === 'paused';

/** Moves the model on; returns what the API must answer. */
function predict(model: Model, known: Known, asked: Action): Outcome {
  switch (asked.does) {
    case 'cancel':
      if (!isOpen(known)) return notNow;
      known.status = 'cancelled';
      return done(payload(model, known, 'cancelled'));
    case 'pause':
      if (known.status !== 'active') return notNow;
      known.status = 'paused';
      return done(payload(model, known, 'paused'));
    case 'resume':
      if (known.status !== 'paused') return notNow;
      known.status = 'active';
      return done(payload(model, known, 'resumed'));
    case 'change_organizer':
      if (!isOpen(known)) return notNow;
      if (asked.to !== JORDAN && asked.to !== MORGAN) return { status: 422, type: 'validation_error', told: [] };
      known.organizer = asked.to;
      return done(payload(model, known, 'organizer_changed'));
    case 'context':
      if (asked.minutes === 0) return { status: 422, type: 'validation_error', told: [] };
      return isOpen(known) ? done() : notNow;
    default:
      return done();
  }
}

/** The same for what SkipUp or a person there does: 409 where the rules do not allow it. */
function predictForced(model: Model, known: Known, event: (typeof FORCED)[number]): Outcome {
  const wasBooked = known.status === 'booked';
  const against = { status: 409, told: [] };
  const allowed: Record<(typeof FORCED)[number], boolean> = {
    created: false,
    booked: isOpen(known),
    cancelled: known.status !== 'cancelled',
    paused: known.status === 'active',
    resumed: known.status === 'paused',
    organizer_changed: isOpen(known),
    follow_up_sent: known.status === 'active',
  };
  if (!allowed[event]) return against;
  if (event === 'booked' || event === 'cancelled' || event === 'paused') known.status = event;
  if (event === 'resumed') known.status = 'active';
  if (event === 'organizer_changed') known.organizer = MORGAN;
  return done(payload(model, known, event, event === 'cancelled' && wasBooked));
}

/** Takes in what SkipUp did by itself while time went by; nothing that the rules do not allow. */
function observe(model: Model, told: Told, since: number): void {
  const known = model.requests.find(({ id }) => id === told.id);
  if (known === undefined) throw new Error(`a webhook about ${told.id}, which nobody has made`);
  const moment = Date.parse(String(told.timestamp));
  expect(moment).toBeGreaterThanOrEqual(since);
  expect(moment).toBeLessThanOrEqual(model.now);
  const then: Model = { ...model, now: moment };
  switch (told.event) {
    case 'meeting_request.booked':
      expect(known).toMatchObject({ status: 'active', participant: PROMPT });
      known.status = 'booked';
      expect(told).toEqual(payload(then, known, 'booked'));
      break;
    case 'meeting_request.resumed':
      expect([known.status, model.autoResume]).toEqual(['paused', true]);
      known.status = 'active';
      expect(told).toEqual(payload(then, known, 'resumed'));
      break;
    case 'meeting_request.follow_up_sent':
      expect(known.status).toBe('active');
      expect(told).toEqual(payload(then, known, 'follow_up_sent'));
      break;
    default:
      throw new Error(`SkipUp does not do this by itself: ${told.event}`);
  }
}

class Run {
  readonly #sandbox: Running;
  readonly #hook: Receiver;
  readonly #model: Model;

  constructor(sandbox: Running, hook: Receiver, autoResume: boolean) {
    this.#sandbox = sandbox;
    this.#hook = hook;
    this.#model = { now: Date.parse(TUESDAY), autoResume, requests: [], keys: new Map() };
  }

  async step(asked: Action): Promise<void> {
    if (asked.does === 'create') return await this.#create(asked);
    if (asked.does === 'advance') return await this.#advance(asked.minutes);
    const { requests } = this.#model;
    const known = requests[asked.at % Math.max(requests.length, 1)];
    if (known === undefined) {
      const { status, error } = await this.#sandbox.api('GET /meeting_requests/mr_unknown');
      expect([status, error.type]).toEqual([404, 'not_found']);
      return;
    }
    if (asked.does === 'force' || asked.does === 'webhook_only') return await this.#force(known, asked);
    const expected = predict(this.#model, known, asked);
    const answer = await this.#call(known.id, asked);
    expect([answer.status, answer.error.type]).toEqual([expected.status, expected.type ?? '']);
    if (answer.status === 200) {
      expect(answer.data).toMatchObject({ id: known.id, status: known.status, organizer_email: known.organizer });
    }
    await this.#expectTold(expected.told);
  }

  /** The whole list, its pages and its filters say what the model says. */
  async compare(): Promise<void> {
    const { requests, now } = this.#model;
    const ids = (which: (known: Known) => boolean) =>
      requests
        .filter(which)
        .map(({ id }) => id)
        .reverse();
    expect(await this.#list('')).toEqual(ids(() => true));
    for (const status of ['active', 'paused', 'booked', 'cancelled'] as const) {
      expect([status, await this.#list(`status=${status}`)]).toEqual([status, ids((known) => known.status === status)]);
    }
    expect(await this.#list(`organizer_email=${MORGAN}`)).toEqual(ids(({ organizer }) => organizer === MORGAN));
    expect(await this.#list(`participant_email=${SILENT}&status=active`)).toEqual(
      ids(({ participant, status }) => participant === SILENT && status === 'active'),
    );
    const middle = requests[requests.length >> 1]?.createdAt ?? now;
    expect(await this.#list(`created_after=${seconds(middle)}`)).toEqual(ids(({ createdAt }) => createdAt >= middle));
    expect(await this.#list(`created_before=${seconds(middle)}`)).toEqual(ids(({ createdAt }) => createdAt <= middle));
  }

  async #create({ key, to }: Extract<Action, { does: 'create' }>): Promise<void> {
    const { keys, requests, now } = this.#model;
    // One in three comes without a key.
    const name = key === 2 ? undefined : `impl:${key}:kickoff:2026-02-10`;
    const used = name === undefined ? undefined : keys.get(name);
    const live = used !== undefined && used.until > now ? used : undefined;
    const timeframe = { start: '2026-02-11T00:00:00Z', end: '2026-03-20T00:00:00Z' };
    const { status, data, error } = await this.#sandbox.api('POST /meeting_requests', {
      body: { organizer_email: JORDAN, participant_emails: [to], context: { duration_minutes: 30, timeframe } },
      headers: name === undefined ? {} : { 'idempotency-key': name },
    });
    if (live !== undefined && live.participant !== to) {
      expect([status, error.type]).toEqual([422, 'invalid_request']);
      return await this.#expectTold([]);
    }
    expect([status, data.status]).toEqual([202, 'active']);
    if (live !== undefined) {
      expect(data.id).toBe(live.id);
      return await this.#expectTold([]);
    }
    expect(requests.map(({ id }) => id)).not.toContain(data.id);
    const known: Known = { id: data.id, status: 'active', organizer: JORDAN, participant: to, createdAt: now };
    requests.push(known);
    if (name !== undefined) keys.set(name, { participant: to, id: data.id, until: now + 24 * HOUR_MS });
    await this.#expectTold([payload(this.#model, known, 'created')]);
  }

  async #advance(minutes: number): Promise<void> {
    const since = this.#model.now;
    const before = this.#hook.received.length;
    this.#model.now += minutes * 60_000;
    await this.#sandbox.advance(`${minutes}m`);
    const told = this.#hook.received.slice(before).map(({ raw }): Told => JSON.parse(raw));
    // Webhooks of one instant may overtake each other; those of one request's different instants may not.
    told.sort((a, b) => Date.parse(String(a.timestamp)) - Date.parse(String(b.timestamp)));
    for (const one of told) observe(this.#model, one, since);
  }

  async #force(known: Known, { does, event }: Extract<Action, { does: 'force' | 'webhook_only' }>): Promise<void> {
    const alone = does === 'webhook_only';
    const wasEverBooked = known.status === 'booked';
    if (alone && event === 'booked' && !wasEverBooked) return;
    const expected = alone ? done(payload(this.#model, known, event)) : predictForced(this.#model, known, event);
    const { status } = await force(this.#sandbox, known.id, event, {
      webhook_only: alone,
      ...(event === 'organizer_changed' && !alone ? { organizer_email: MORGAN } : {}),
    });
    expect([event, known.status, status]).toEqual([event, known.status, expected.status]);
    await this.#expectTold(expected.told);
  }

  async #call(id: string, asked: Action) {
    const post = (name: string, body?: unknown) => this.#sandbox.api(`POST /meeting_requests/${id}/${name}`, { body });
    switch (asked.does) {
      case 'cancel':
        return await post('cancel', { notify: asked.notify });
      case 'change_organizer':
        return await post('change_organizer', { new_organizer_email: asked.to });
      case 'context':
        return await post('context', { duration_minutes: asked.minutes });
      case 'pause':
      case 'resume':
        return await post(asked.does);
      default:
        return await this.#sandbox.api(`GET /meeting_requests/${id}`);
    }
  }

  /** Exactly these webhooks come of what was just done, and no other. */
  async #expectTold(expected: Told[]): Promise<void> {
    const before = this.#hook.received.length;
    await this.#sandbox.advance('0ms');
    expect(this.#hook.received.slice(before).map(({ raw }) => JSON.parse(raw))).toEqual(expected);
  }

  /** Every page of a list, two at a time. */
  async #list(query: string): Promise<string[]> {
    const ids: string[] = [];
    let cursor = '';
    do {
      const { status, list, meta } = await this.#sandbox.api(
        `GET /meeting_requests?limit=4${query && `&${query}`}${cursor}`,
      );
      expect(status).toBe(200);
      ids.push(...list.map(({ id }) => id));
      cursor = meta.next_cursor === undefined ? '' : `&cursor=${meta.next_cursor}`;
    } while (cursor !== '');
    return ids;
  }
}

describe('the lifecycle of meeting requests', () => {
  it('holds for any sequence of calls, of days gone by and of what people at SkipUp do', {
    timeout: 120_000,
  }, async () => {
    const open = {
      busy: [],
      workingHours: { start: '00:00', end: '24:00', days: [1, 2, 3, 4, 5, 6, 7] },
      holidays: [],
    };
    const sandbox = await running({
      settings: { rateLimitPerMinute: 0, followUpAfterHours: 24, maxFollowUps: 2 },
      fixture: {
        everybody: open,
        people: { [PROMPT]: { replyAfterHours: 1, needsFollowUps: 0 }, [SILENT]: { neverReplies: true } },
      },
    });
    const hook = await receiver(200);
    let steps = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(action, { minLength: 10, maxLength: 40, size: 'max' }),
        fc.boolean(),
        async (actions, autoResume) => {
          await sandbox.control('POST /reset');
          await sandbox.control('PATCH /settings', { autoResumeOnReply: autoResume });
          await sandbox.api('POST /webhook_endpoints', { body: { url: hook.url, events: ALL_EVENTS } });
          const run = new Run(sandbox, hook, autoResume);
          for (const asked of actions) await run.step(asked);
          await run.compare();
          steps += actions.length;
        },
      ),
      { numRuns: 20, seed: 20260210 },
    );
    expect(steps).toBeGreaterThan(100);
  });
});
