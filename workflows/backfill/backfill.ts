/**
 * Kickoffs for deals that closed before Kickoff came, and recoveries for leads of that time: page by page through the CRM, in small batches at a set rate, so
 * that a pause, a change of rate and a cancellation are heard within seconds.
 */
import {
  ApplicationFailure,
  allHandlersFinished,
  condition,
  continueAsNew,
  isCancellation,
  workflowInfo,
} from '@temporalio/workflow';
import { backfilling, sentenceOf } from '../activities.ts';
import type { BackfillInput, BackfillPlan, BackfillProgress } from '../messages.ts';
import { carriedOf, describe } from './describe.ts';
import { batchSize, FIRST_WAIT_MS } from './pace.ts';
import { BackfillRun, STOPPED } from './run.ts';
import { room } from './state.ts';
import { wordsFor } from './words.ts';

export interface BackfillLimits {
  /** History events after which the next page is read by a new run. */
  eventsPerRun: number;
  /** Milliseconds of the first wait when somebody pushes back. */
  firstWaitMs: number;
}

/** A page costs some twenty events; Temporal warns from 10,240 on. */
const LIMITS: BackfillLimits = { eventsPerRun: 3_000, firstWaitMs: FIRST_WAIT_MS };

/**
 * Starts a kickoff for each won deal of a window that has none and never had one; or a recovery for each lead that has
 * filled in a form and has no meeting. Safe to run again at any time: what has been taken up is left alone.
 *
 * @param input `{"crm": "hubspot", "closedAfter": "2026-01-01"}` and more
 * @returns how far it got, with the first failures
 * @throws fails at once with every fault of the input by field; later only when the CRM's deals cannot be listed
 */
export async function backfill(input: BackfillInput): Promise<BackfillProgress> {
  return await runBackfill(input, LIMITS);
}

export async function runBackfill(input: BackfillInput, limits: BackfillLimits): Promise<BackfillProgress> {
  const run = new BackfillRun(input);
  const plan = run.state.plan ?? (await open(run, input));
  for (;;) {
    await run.whileHeld();
    const { cancelReason, isExhausted, page } = run.state;
    if (cancelReason !== undefined || isExhausted || room(run.state) === 0) break;
    if (page !== undefined) {
      if (plan.dryRun) run.apply({ type: 'counted' });
      else await startBatch(run, plan, limits);
      continue;
    }
    if (isLong(limits)) {
      await condition(allHandlersFinished);
      // From here to the new run nothing is awaited: an update that came meanwhile is in the state.
      if (run.isHeld() || run.state.cancelReason !== undefined) continue;
      return await continueAsNew<typeof backfill>({ ...input, carried: carriedOf(run.state) });
    }
    await readPage(run, plan, limits);
  }
  run.apply({ type: 'ended' });
  await condition(allHandlersFinished);
  return describe(run.state);
}

async function open(run: BackfillRun, input: BackfillInput): Promise<BackfillPlan> {
  const { carried: _, ...asked } = input ?? {};
  const plan = await backfilling.openBackfill.executeWithOptions({ summary: 'What was asked for' }, [
    { ...asked, now: run.state.startedAt },
  ]);
  run.apply({ type: 'opened', plan });
  return plan;
}

async function readPage(run: BackfillRun, plan: BackfillPlan, limits: BackfillLimits): Promise<void> {
  const { cursor } = run.state;
  const beganMs = Date.now();
  try {
    const page = await run.unlessCancelled(() =>
      backfilling.readBackfillPage.executeWithOptions(
        { summary: `Page of ${plan.crm}’s ${wordsFor(plan).list}, after ${run.state.scanned}` },
        [{ plan, ...(cursor === undefined ? {} : { cursor }) }],
      ),
    );
    if (page === STOPPED) return;
    if (page.pushBack === undefined) run.apply({ type: 'page_read', page, tookMs: Date.now() - beganMs });
    else run.apply({ type: 'pushed_back', pushBack: page.pushBack, ...nowAnd(limits) });
  } catch (error) {
    throw fallen(run, `The CRM’s ${wordsFor(plan).one}s cannot be listed: ${sentenceOf(error)}`, error);
  }
}

async function startBatch(run: BackfillRun, plan: BackfillPlan, limits: BackfillLimits): Promise<void> {
  const { perMinute, page } = run.state;
  const size = Math.min(batchSize(perMinute), room(run.state));
  const asked = (page?.rest ?? []).slice(0, size).map(({ dealId }) => dealId);
  const beganMs = Date.now();
  try {
    const { workflowId: backfillId } = workflowInfo();
    const result = await run.unlessCancelled(() =>
      backfilling.startBackfillDeals.executeWithOptions(
        { summary: `${batchOf(plan)} of ${asked.length} ${wordsFor(plan).one}s, at most ${perMinute} a minute` },
        [{ backfillId, plan, dealIds: asked, perMinute }],
      ),
    );
    if (result === STOPPED) return;
    run.apply({ type: 'batch_ended', asked, result, tookMs: Date.now() - beganMs });
    if (result.pushBack !== undefined) run.apply({ type: 'pushed_back', pushBack: result.pushBack, ...nowAnd(limits) });
  } catch (error) {
    throw fallen(run, `${batchOf(plan)} cannot be started: ${sentenceOf(error)}`, error);
  }
}

function batchOf(plan: BackfillPlan): string {
  return plan.of === 'leads' ? 'Recoveries' : 'Kickoffs';
}

function nowAnd({ firstWaitMs }: BackfillLimits): { nowMs: number; firstWaitMs: number } {
  return { nowMs: Date.now(), firstWaitMs };
}

/** A cancellation of Temporal's own stays one. */
function fallen(run: BackfillRun, problem: string, error: unknown): unknown {
  if (isCancellation(error)) return error;
  const { started } = run.state;
  return ApplicationFailure.nonRetryable(
    `${problem} ${started} started so far. Run the backfill again when that is mended: what ${run.state.plan?.of === 'leads' ? 'has been taken up' : 'has a kickoff'} is left alone.`,
    'BackfillFailed',
  );
}

function isLong({ eventsPerRun }: BackfillLimits): boolean {
  const { historyLength, continueAsNewSuggested } = workflowInfo();
  return continueAsNewSuggested || historyLength >= eventsPerRun;
}
