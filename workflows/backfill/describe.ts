/** A backfill for whoever looks at it: as data for the query, as Markdown for the Temporal UI. */
import type { BackfillCarried, BackfillProgress, BackfillState as StateName } from '../messages.ts';
import { secondsLeft } from './pace.ts';
import { type BackfillState, planned, room, sum } from './state.ts';
import { wordsFor } from './words.ts';

/** What the details show of each list. */
const SHOWN = 10;
const BAR = 30;

export function describe(state: BackfillState): BackfillProgress {
  const { plan, remaining, scanned, started, skipped, failed, failures, wouldStart, perMinute, startedAt } = state;
  const left = remaining === undefined ? undefined : Math.min(remaining, room(state));
  const seconds = left === undefined || state.isOver ? undefined : secondsLeft(left, state.measured);
  return {
    state: nameOf(state),
    ...(plan && { plan }),
    ...{ scanned, started, skipped, failed, failures, wouldStart, perMinute },
    ...(remaining !== undefined && { remaining }),
    ...(seconds !== undefined && { secondsLeft: seconds }),
    waitingFor: waitingFor(state),
    startedAt,
  };
}

/** For continue-as-new. */
export function carriedOf(state: BackfillState): BackfillCarried {
  return { progress: describe(state), ...(state.cursor !== undefined && { cursor: state.cursor }) };
}

function nameOf(state: BackfillState): StateName {
  if (state.isOver) return state.cancelReason === undefined ? 'done' : 'cancelled';
  if (state.isPaused) return 'paused';
  if (state.pushBack !== undefined) return 'pushed_back';
  return state.plan === undefined ? 'opening' : 'running';
}

function waitingFor(state: BackfillState): string {
  const { plan, page, pushBack, cancelReason } = state;
  const words = wordsFor(plan);
  if (state.isOver) {
    if (cancelReason !== undefined) return `nothing: cancelled (${cancelReason})`;
    const isAll = state.isExhausted && page === undefined;
    return isAll
      ? `nothing: every ${words.one} has been looked at`
      : `nothing: the limit of ${plan?.limit ?? 0} is reached`;
  }
  if (cancelReason !== undefined) return 'the end of what is running; then it is cancelled';
  if (state.isPaused) return 'somebody to resume it';
  if (pushBack !== undefined) return `${pushBack.reason} It goes on at ${new Date(pushBack.untilMs).toISOString()}`;
  if (plan === undefined) return 'the check of what was asked for';
  if (page === undefined) return `the next page of ${plan.crm}’s ${words.list}`;
  return `the ${words.startsMany} of ${countOf(page.rest.length, words.one)} of this page to be started`;
}

/** As the Markdown that the Temporal UI shows under "current details". */
export function details(state: BackfillState): string {
  const progress = describe(state);
  const { plan, remaining, failures } = progress;
  const isDryRun = plan?.dryRun === true;
  const words = wordsFor(plan);
  return [
    `**${progress.state.replaceAll('_', ' ')}**, waits for ${progress.waitingFor}`,
    ...(remaining === undefined
      ? []
      : ['', `\`${bar(progress.scanned - (state.page?.rest.length ?? 0), remaining)}\``]),
    '',
    ...(plan === undefined
      ? []
      : [`- ${plan.crm}, ${words.window} from ${plan.after} to before ${plan.before}${isDryRun ? ', dry run' : ''}`]),
    `- scanned ${progress.scanned}, ${isDryRun ? `would start ${planned(state)}` : `started ${progress.started}`}, skipped ${sum(progress.skipped)}, failed ${progress.failed}`,
    ...Object.entries(progress.skipped).map(([reason, count]) => `  - skipped, ${reason}: ${count}`),
    `- at most ${progress.perMinute} ${progress.perMinute === 1 ? words.starts : words.startsMany} a minute${plan?.limit === undefined ? '' : `, at most ${plan.limit} in all`}`,
    ...(progress.secondsLeft === undefined ? [] : [`- about ${inWords(progress.secondsLeft)} left`]),
    ...failures.slice(0, SHOWN).map(({ dealId, reason }) => `- ${words.one} \`${dealId}\` failed: ${reason}`),
    ...(progress.failed > SHOWN ? [`- and ${progress.failed - SHOWN} more failed`] : []),
    ...(isDryRun
      ? progress.wouldStart.slice(0, SHOWN).map(({ dealId, name }) => `- would start \`${dealId}\` ${name ?? ''}`)
      : []),
  ].join('\n');
}

function bar(done: number, remaining: number): string {
  const share = done + remaining === 0 ? 1 : done / (done + remaining);
  const full = Math.floor(share * BAR);
  return `${'█'.repeat(full)}${'░'.repeat(BAR - full)} ${Math.floor(share * 100)} %`;
}

function inWords(seconds: number): string {
  if (seconds < 90) return countOf(seconds, 'second');
  const minutes = Math.round(seconds / 60);
  return minutes < 90 ? `${minutes} minutes` : `${(minutes / 60).toFixed(1)} hours`;
}

function countOf(count: number, thing: string): string {
  return `${count} ${thing}${count === 1 ? '' : 's'}`;
}
