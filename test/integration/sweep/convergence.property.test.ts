import fc from 'fast-check';
import pino from 'pino';
import { Registry } from 'prom-client';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { findMeetingRequest, recordMeetingEvent } from '../../../database/index.ts';
import { createRelay, type Relay, type SignalClient } from '../../../triggers/index.ts';
import { type KickoffEvent, reduce } from '../../../workflows/kickoff/reduce.ts';
import { initialState, type KickoffState } from '../../../workflows/kickoff/state.ts';
import { meetingStatus } from '../../../workflows/meeting/lifecycle.ts';
import type { MeetingEvent } from '../../../workflows/messages.ts';
import { stepsOf } from '../../../workflows/steps/state.ts';
import { created, input, policy, resolution } from '../../unit/workflows/fixtures.ts';
import { receivers, send, skipupWebhook } from '../triggers/stack.ts';
import { ORGANIZER, OTHER_ORGANIZER, type Sweeping, startSweeping } from './sweeping.ts';

/** So long the property may look for a counterexample. */
const LIMIT_MS = 20_000;

let sweeping: Sweeping;
beforeAll(async () => {
  sweeping = await startSweeping();
  await sweeping.subscribe();
});
afterAll(() => sweeping.close());

/** What happens at SkipUp, and what becomes of its webhook. */
interface Happening {
  event: 'paused' | 'resumed' | 'organizer_changed' | 'follow_up_sent' | 'booked' | 'cancelled';
  organizer: string;
  /** Seconds since what happened before; none: SkipUp's instants are the same. */
  after: number;
}
interface Fate {
  /** How often it comes before the sweep, and how often after it. */
  before: number;
  late: number;
  /** Decides the order in which they come. */
  order: number;
}

const happening: fc.Arbitrary<Happening> = fc.record({
  event: fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom('paused', 'resumed', 'organizer_changed', 'follow_up_sent') },
    { weight: 1, arbitrary: fc.constantFrom('booked', 'cancelled') },
  ),
  organizer: fc.constantFrom(ORGANIZER, OTHER_ORGANIZER),
  after: fc.constantFrom(0, 1, 1, 90),
});
const fate: fc.Arbitrary<Fate> = fc.record({
  before: fc.constantFrom(0, 0, 1, 2),
  late: fc.constantFrom(0, 0, 1, 2),
  order: fc.integer({ min: 0, max: 1_000 }),
});

/** A kickoff as its workflow would be: the same state machine; step lists run at once, and it reads when it wants to. */
class Kickoff {
  state: KickoffState;
  /** The lists that have run, as `<list> <occurrence>`. */
  readonly lists: string[] = [];

  constructor(requestId: string) {
    this.state = initialState(input);
    this.apply({ type: 'resolved', resolution, key: 'key', firstTriedAt: '2026-11-20T09:00:00Z' });
    this.apply({ type: 'created', created: { ...created, requestId }, closesAt: '2027-01-01T00:00:00Z' });
  }

  apply(event: KickoffEvent): void {
    this.state = reduce(this.state, event, policy);
    for (let run = this.state.queue[0]; run !== undefined; run = this.state.queue[0]) {
      if (run.undoes !== undefined) {
        this.state = reduce(this.state, { type: 'list_finished', run }, policy);
        continue;
      }
      this.lists.push(`${run.list} ${run.occurrence}`);
      this.state = reduce(this.state, { type: 'list_started', run }, policy);
      for (const { id } of stepsOf(run, policy.steps)) {
        this.state = reduce(this.state, { type: 'step_done', run, id, outcome: { detail: '', ids: {} } }, policy);
      }
      this.state = reduce(this.state, { type: 'list_finished', run }, policy);
    }
  }

  async readIfWanted(): Promise<void> {
    const requestId = this.state.meeting?.requestId;
    if (!this.state.readWanted || requestId === undefined || this.isOver()) return;
    const request = await sweeping.client.meetingRequests.get(requestId);
    const { status, organizer_email: organizerEmail, booked_at: bookedAt, cancelled_at: cancelledAt } = request;
    this.apply({
      type: 'request_read',
      at: new Date().toISOString(),
      view: {
        requestId,
        status,
        ...(organizerEmail == null ? {} : { organizerEmail }),
        ...(bookedAt == null ? {} : { bookedAt }),
        ...(cancelledAt == null ? {} : { cancelledAt }),
      },
    });
  }

  /** How often a list has run. */
  ran(list: string): number {
    return this.lists.filter((run) => run.startsWith(`${list} `)).length;
  }

  isOver(): boolean {
    return this.state.phase === 'cancelled';
  }
}

function relayTo(kickoffs: Map<string, Kickoff>): Relay {
  const client: SignalClient = {
    connection: { withDeadline: (_deadline, work) => work() },
    workflow: {
      getHandle: (workflowId) => ({
        async signal(_name: string, event: MeetingEvent) {
          kickoffs.get(workflowId)?.apply({ type: 'meeting_event', event });
        },
        query: () => Promise.reject(new Error('no deals here')),
      }),
    },
  };
  return createRelay({
    database: sweeping.database,
    client,
    crms: {},
    startKickoff: () => Promise.reject(new Error('no deals here')),
    logger: pino({ level: 'silent' }),
    metrics: new Registry(),
  });
}

it(
  'whatever webhooks are lost, repeated, late or in another order: after one sweep a kickoff is where SkipUp is',
  async () => {
    const kickoffs = new Map<string, Kickoff>();
    const relay = relayTo(kickoffs);
    const { url } = await receivers(sweeping.database);
    let runs = 0;

    await fc.assert(
      fc.asyncProperty(
        fc.array(happening, { maxLength: 7 }),
        fc.array(fate, { minLength: 8, maxLength: 8 }),
        fc.boolean(),
        async (happenings, fates, eachAlone) => {
          runs += 1;
          const { id, workflowId } = await sweeping.newRequest();
          const kickoff = new Kickoff(id);
          kickoffs.set(workflowId, kickoff);
          const settle = async () => {
            while ((await relay.drainOnce()) > 0) await kickoff.readIfWanted();
            await kickoff.readIfWanted();
          };
          const post = async (bodies: string[]) => {
            for (const body of bodies) {
              expect((await send(`${url}/webhooks/skipup`, skipupWebhook(body))).status).toBe(200);
              if (eachAlone) await settle();
            }
            await settle();
          };

          const happened = await conversation(id, happenings);
          const bodies = await webhooksOf(id, happened.length + 1);
          await post(inOrder(bodies, fates, 'before'));
          await sweeping.sweepRequests();
          await settle();
          await expectConverged(kickoff, id, happened);
          const onceBooked = kickoff.ran('on_booked');

          expect(await sweeping.sweepRequests()).toMatchObject({ takenIn: 0, underWay: 0, contradictions: [] });

          // Of two instants in one second nobody knows the order: a late one may mislead until the next sweep.
          await post(inOrder(bodies, fates, 'late'));
          await sweeping.sweepRequests();
          await settle();
          await expectConverged(kickoff, id, happened);
          expect(kickoff.ran('on_booked')).toBe(onceBooked);
          expect(await sweeping.sweepRequests()).toMatchObject({ takenIn: 0, underWay: 0, contradictions: [] });

          // The next run's sweep has its own request to compare and no other.
          const at = new Date().toISOString();
          await recordMeetingEvent(sweeping.database.db, { requestId: id, name: 'cancelled', at });
        },
      ),
      { numRuns: 25, interruptAfterTimeLimit: LIMIT_MS, markInterruptAsFailure: false },
    );
    expect(runs).toBeGreaterThan(5);
  },
  LIMIT_MS * 4,
);

/** Lets it happen at SkipUp, and says what did: SkipUp refuses what its rules do not allow. */
async function conversation(id: string, happenings: readonly Happening[]): Promise<Happening[]> {
  const happened: Happening[] = [];
  for (const one of happenings) {
    if (one.after > 0) await sweeping.control('POST', '/clock', { advance: one.after * 1_000 });
    const more = one.event === 'organizer_changed' ? { organizer_email: one.organizer } : {};
    try {
      await sweeping.happens(id, one.event, more);
      happened.push(one);
    } catch (error) {
      if (!(error instanceof Error && error.message.includes(': 409 '))) throw error;
    }
  }
  return happened;
}

/** What SkipUp has sent about a request, as it was sent, in the order of happening. */
async function webhooksOf(id: string, count: number): Promise<string[]> {
  const about = () => sweeping.receiver.bodies.filter((body) => body.includes(`"${id}"`));
  await vi.waitFor(() => expect(about()).toHaveLength(count), { timeout: 10_000, interval: 10 });
  return about();
}

/** As many of each as its fate says, in an order that the fates decide. */
function inOrder(bodies: readonly string[], fates: readonly Fate[], when: 'before' | 'late'): string[] {
  return bodies
    .flatMap((body, index) => {
      const its = fates[index];
      return Array.from({ length: its?.[when] ?? 0 }, (_, copy) => ({
        body,
        order: ((its?.order ?? 0) * (copy + 7)) % 101,
      }));
    })
    .sort((a, b) => a.order - b.order)
    .map(({ body }) => body);
}

async function expectConverged(kickoff: Kickoff, id: string, happened: readonly Happening[]): Promise<void> {
  const truth = await sweeping.client.meetingRequests.get(id);
  const ledger = await findMeetingRequest(sweeping.database.db, id);
  const { meeting } = kickoff.state;
  expect(meeting && meetingStatus(meeting)).toBe(truth.status);
  expect(ledger?.status).toBe(truth.status);
  const phases: Record<string, KickoffState['phase']> = {
    active: 'scheduling',
    paused: 'paused',
    booked: 'done',
    cancelled: 'cancelled',
  };
  expect(kickoff.state.phase).toBe(phases[truth.status]);
  expect(kickoff.ran('on_cancelled')).toBe(truth.status === 'cancelled' ? 1 : 0);
  if (truth.status === 'booked') expect(kickoff.ran('on_booked')).toBe(1);
  else expect(kickoff.ran('on_booked')).toBeLessThanOrEqual(happened.some(({ event }) => event === 'booked') ? 1 : 0);
  expect(kickoff.ran('on_follow_up')).toBeLessThanOrEqual(
    happened.filter(({ event }) => event === 'follow_up_sent').length,
  );
  expect(kickoff.ran('on_organizer_changed')).toBeLessThanOrEqual(
    happened.filter(({ event }) => event === 'organizer_changed').length,
  );
  if (truth.status === 'cancelled') return;
  expect(kickoff.state.resolution?.organizer?.email).toBe(truth.organizer_email);
  expect([truth.organizer_email, null]).toContain(ledger?.organizer_email);
  if (truth.organizer_email !== ORGANIZER) expect(kickoff.ran('on_organizer_changed')).toBeGreaterThan(0);
}
