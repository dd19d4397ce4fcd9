/** How a backfill stands, as a pure function of what has happened to it. */
import type { BackfillPage, PushBack, StartedBackfill } from '../../activities/contract.ts';
import type { BackfillInput, BackfillPlan, BackfillProgress } from '../messages.ts';
import { waitAfter } from './pace.ts';

/** How many a list names; counts go on. */
const LISTED = 200;
/** Pages and batches by which the pace is measured. */
const MEASURED = 20;

type Candidate = BackfillPage['candidates'][number];

export interface BackfillState {
  plan?: BackfillPlan;
  /** The page that comes next; absent before the first and after the last. */
  cursor?: string;
  /** What is left of the page that has been read. */
  page?: { rest: Candidate[]; next?: string };
  /** Every page has been read. */
  isExhausted: boolean;
  isPaused: boolean;
  isOver: boolean;
  cancelReason?: string;
  pushBack?: { reason: string; untilMs: number };
  /** How often somebody has pushed back one after the other. */
  pushBacks: number;
  scanned: number;
  started: number;
  skipped: Record<string, number>;
  failed: number;
  failures: BackfillProgress['failures'];
  wouldStart: BackfillProgress['wouldStart'];
  perMinute: number;
  remaining?: number;
  /** What the last pages and batches did, and how long it took, waits for others included. */
  measured: { handled: number; ms: number }[];
  /** ISO 8601. */
  startedAt: string;
}

export type BackfillEvent =
  | { type: 'opened'; plan: BackfillPlan }
  | { type: 'paused' }
  | { type: 'resumed' }
  | { type: 'cancelled'; reason: string }
  | { type: 'rate_changed'; perMinute: number }
  /** `tookMs`: how long reading took. */
  | { type: 'page_read'; page: BackfillPage; tookMs: number }
  /** A batch has ended; `asked` are its deals. */
  | { type: 'batch_ended'; asked: readonly string[]; result: StartedBackfill; tookMs: number }
  /** Of a dry run: what is left of the page would get kickoffs. */
  | { type: 'counted' }
  /** Nobody gets further for now. */
  | { type: 'pushed_back'; pushBack: PushBack; nowMs: number; firstWaitMs: number }
  | { type: 'wait_over'; waitedMs: number }
  | { type: 'ended' };

/** @param startedAt ISO 8601: when this backfill began, unless it is carried on */
export function initialState({ carried }: BackfillInput, startedAt: string): BackfillState {
  const running = { isExhausted: false, isPaused: false, isOver: false, pushBacks: 0, measured: [] };
  if (carried === undefined) {
    const nothing = { scanned: 0, started: 0, skipped: {}, failed: 0, failures: [], wouldStart: [], perMinute: 0 };
    return { ...running, ...nothing, startedAt };
  }
  const { plan, scanned, started, skipped, failed, failures, wouldStart, perMinute, remaining } = carried.progress;
  return {
    ...running,
    ...(plan && { plan }),
    ...(carried.cursor !== undefined && { cursor: carried.cursor }),
    ...{ scanned, started, skipped, failed, failures, wouldStart, perMinute },
    ...(remaining !== undefined && { remaining }),
    startedAt: carried.progress.startedAt,
  };
}

export function reduce(state: BackfillState, event: BackfillEvent): BackfillState {
  switch (event.type) {
    case 'opened':
      return { ...state, plan: event.plan, perMinute: event.plan.perMinute };
    case 'paused':
      return { ...state, isPaused: true };
    case 'resumed':
      return { ...without(state, 'pushBack'), isPaused: false };
    case 'cancelled':
      return { ...state, cancelReason: event.reason };
    case 'rate_changed':
      return { ...state, perMinute: event.perMinute };
    case 'page_read':
      return pageRead(state, event.page, event.tookMs);
    case 'batch_ended':
      return batchEnded(state, event);
    case 'counted':
      return counted(state);
    case 'pushed_back': {
      const pushBacks = state.pushBacks + 1;
      const waitMs = waitAfter(pushBacks, event.firstWaitMs, event.pushBack.waitMs);
      const pushBack = { reason: event.pushBack.reason, untilMs: event.nowMs + waitMs };
      return { ...state, pushBack, pushBacks };
    }
    case 'wait_over':
      return measure(without(state, 'pushBack'), { handled: 0, ms: event.waitedMs });
    case 'ended':
      return { ...without(state, 'pushBack'), isOver: true, isPaused: false };
  }
}

/** How many more kickoffs may be started; in a dry run, counted. */
export function room(state: BackfillState): number {
  const limit = state.plan?.limit ?? Number.POSITIVE_INFINITY;
  return Math.max(0, limit - (state.plan?.dryRun === true ? planned(state) : state.started));
}

/** Of a dry run: how many kickoffs would be started. Everything that was scanned and is neither skipped nor to be looked at. */
export function planned({ scanned, skipped, failed, page }: BackfillState): number {
  return scanned - sum(skipped) - failed - (page?.rest.length ?? 0);
}

export function sum(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((total, count) => total + count, 0);
}

/** Deals still to be looked at, where the CRM says so: what was left from this page on, without what is done of it. */
function pageRead(state: BackfillState, page: BackfillPage, tookMs: number): BackfillState {
  const skipped = added(state.skipped, page.skipped);
  const read = {
    ...without(state, 'cursor', 'remaining'),
    scanned: state.scanned + page.scanned,
    skipped,
    pushBacks: 0,
    ...(page.remaining !== undefined && { remaining: Math.max(0, page.remaining - sum(page.skipped)) }),
  };
  return turned(
    measure(read, { handled: sum(page.skipped), ms: tookMs }),
    page.candidates,
    page.next === undefined ? {} : { next: page.next },
  );
}

function batchEnded(
  state: BackfillState,
  { asked, result, tookMs }: { asked: readonly string[]; result: StartedBackfill; tookMs: number },
): BackfillState {
  const rest = new Set(result.rest);
  const done = new Set(asked.filter((dealId) => !rest.has(dealId)));
  const left = (state.page?.rest ?? []).filter(({ dealId }) => !done.has(dealId));
  const ended = {
    ...state,
    started: state.started + result.started,
    skipped: added(state.skipped, result.skipped),
    failed: state.failed + result.failed.length,
    failures: [...state.failures, ...result.failed].slice(0, LISTED),
    // A wait is the longer the less comes through: what came through begins it anew.
    pushBacks: done.size > 0 ? 0 : state.pushBacks,
    ...(state.remaining !== undefined && { remaining: Math.max(0, state.remaining - done.size) }),
  };
  return turned(measure(ended, { handled: done.size, ms: tookMs }), left, state.page ?? {});
}

function counted(state: BackfillState): BackfillState {
  const rest = state.page?.rest ?? [];
  const taken = rest.slice(0, room(state));
  const wouldStart = [...state.wouldStart, ...taken].slice(0, LISTED);
  const { remaining } = state;
  return turned(
    { ...state, wouldStart, ...(remaining !== undefined && { remaining: Math.max(0, remaining - taken.length) }) },
    rest.slice(taken.length),
    state.page ?? {},
  );
}

/** The page with what is left of it; when nothing is, the next one comes. */
function turned(state: BackfillState, rest: Candidate[], { next }: { next?: string }): BackfillState {
  if (rest.length > 0) return { ...state, page: { rest, ...(next !== undefined && { next }) } };
  const turnedOver = without(state, 'page', 'cursor');
  return next === undefined ? { ...turnedOver, isExhausted: true } : { ...turnedOver, cursor: next };
}

function measure(state: BackfillState, sample: { handled: number; ms: number }): BackfillState {
  return { ...state, measured: [...state.measured, sample].slice(-MEASURED) };
}

function added(counts: Record<string, number>, more: Record<string, number>): Record<string, number> {
  const total = { ...counts };
  for (const [reason, count] of Object.entries(more)) total[reason] = (total[reason] ?? 0) + count;
  return total;
}

type Absentable = 'page' | 'cursor' | 'remaining' | 'pushBack';

function without(state: BackfillState, ...names: Absentable[]): BackfillState {
  const rest = { ...state };
  for (const name of names) delete rest[name];
  return rest;
}
