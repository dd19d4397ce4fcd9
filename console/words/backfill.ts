import type { BackfillPlan, BackfillProgress, BackfillState } from '../../workflows/messages.ts';
import { html, type Markup } from '../page/html.ts';
import type { Tone } from './phase.ts';

const STATES: Record<BackfillState | 'failed', { label: string; tone: Tone }> = {
  opening: { label: 'Beginning', tone: 'busy' },
  running: { label: 'Running', tone: 'busy' },
  paused: { label: 'Paused', tone: 'still' },
  pushed_back: { label: 'Waits: pushed back', tone: 'alert' },
  done: { label: 'Done', tone: 'good' },
  cancelled: { label: 'Cancelled', tone: 'still' },
  failed: { label: 'Failed', tone: 'alert' },
};

export function backfillChip(state: BackfillState | 'failed'): Markup {
  const { label, tone } = STATES[state];
  return html`<span class="chip ${tone}">${label}</span>`;
}

/** What a backfill reads and starts. */
export function backfillThings(plan: Pick<BackfillPlan, 'of'> | undefined): {
  one: string;
  many: string;
  starts: string;
  window: string;
} {
  return plan?.of === 'leads'
    ? { one: 'lead', many: 'leads', starts: 'recoveries', window: 'Forms filled in' }
    : { one: 'deal', many: 'deals', starts: 'kickoffs', window: 'Closed' };
}

export function skippedOf({ skipped }: BackfillProgress): number {
  return Object.values(skipped).reduce((total, count) => total + count, 0);
}

/** How many it has started; of a rehearsal, how many it would. */
export function startedWords(progress: BackfillProgress): string {
  const { plan, scanned, started, failed } = progress;
  if (plan?.dryRun !== true) return String(started);
  const would = scanned - skippedOf(progress) - failed;
  return `would start ${Math.min(plan.limit ?? Number.POSITIVE_INFINITY, would)}`;
}

/** How much of it is done, where that can be told. */
export function backfillShare(progress: BackfillProgress): { done: number; of: number } | undefined {
  const { plan, scanned, started, failed, remaining, state } = progress;
  const done = plan?.dryRun === true ? scanned : skippedOf(progress) + started + failed;
  if (state === 'done') return { done: 1, of: 1 };
  return remaining === undefined ? undefined : { done, of: Math.max(1, done + remaining) };
}

/** `about 12 minutes` */
export function leftWords(seconds: number): string {
  if (seconds < 90) return `about ${Math.round(seconds)} seconds`;
  const minutes = Math.round(seconds / 60);
  return minutes < 90 ? `about ${minutes} minutes` : `about ${(minutes / 60).toFixed(1)} hours`;
}
