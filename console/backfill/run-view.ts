import type { BackfillProgress } from '../../workflows/messages.ts';
import { actionButton } from '../action/button.ts';
import { type Content, html, type Markup } from '../page/html.ts';
import { instant } from '../page/instant.ts';
import { page } from '../page/layout.ts';
import { isolated, outsideLink, temporalPath } from '../page/link.ts';
import { facts, table } from '../page/table.ts';
import { crmName } from '../start/form-view.ts';
import type { Visit } from '../visit.ts';
import { backfillChip, backfillThings, leftWords, skippedOf, startedWords } from '../words/backfill.ts';
import type { BackfillRun } from './read.ts';
import { NEW_BACKFILL, START_BACKFILL } from './start.ts';
import { STEER } from './steer.ts';
import { progressBar } from './view.ts';

/** One backfill: what was asked for, how far it is, and what of it a person must look at. */
export function backfillPage(visit: Visit, run: BackfillRun): Markup {
  const { workflowId, progress } = run;
  return page(
    visit,
    { title: workflowId, place: '/backfills', live: run.closedAt === undefined ? 'backfills' : undefined },
    html`<p><a href="/backfills">All backfills</a></p>
<h1>${isolated(workflowId)}</h1>
<section data-part id="state" aria-label="How it stands">
${'answer' in progress ? standing(visit, run, progress.answer) : noProgress(visit, run, progress)}
</section>
${'answer' in progress && details(progress.answer)}`,
  );
}

function noProgress(visit: Visit, run: BackfillRun, progress: { silent: string } | { failed: string }): Markup {
  return html`${
    'failed' in progress
      ? html`<p>${backfillChip('failed')} ${progress.failed}</p>`
      : html`<p class="notice alert">${progress.silent}</p>${run.closedAt === undefined && html`<p>It runs. How far it is shows here as soon as a worker answers.</p>`}`
  }
${runFacts(visit, run)}`;
}

function standing(visit: Visit, run: BackfillRun, progress: BackfillProgress): Markup {
  const { plan, state, secondsLeft, perMinute, scanned, failed, waitingFor } = progress;
  const { starts } = backfillThings(plan);
  const isPausable = state === 'running' || state === 'opening' || state === 'pushed_back';
  return html`<p>${backfillChip(state)} ${run.closedAt === undefined ? `It waits for ${inMinutesOf(waitingFor)}.` : sentenceOfEnd(waitingFor)}</p>
${run.closedAt === undefined && html`<p>${progressBar(progress, run.workflowId)}${secondsLeft !== undefined && html` · ${leftWords(secondsLeft)} left`}</p>`}
<ul class="figures">
<li><strong>${scanned}</strong> looked at</li>
<li><strong>${skippedOf(progress)}</strong> left alone</li>
<li><strong>${startedWords(progress)}</strong> ${plan?.dryRun === true ? starts : `${starts} started`}</li>
<li><strong>${failed}</strong> failed</li>
</ul>
${
  run.closedAt === undefined
    ? html`<p class="actions">${isPausable && actionButton(visit, STEER.pause, run.workflowId)} ${(state === 'paused' || state === 'pushed_back') && actionButton(visit, STEER.resume, run.workflowId)} ${actionButton(visit, STEER.changeRate, run.workflowId)} ${actionButton(visit, STEER.cancel, run.workflowId)}</p>`
    : plan !== undefined && html`<p class="actions">${again(visit, progress)}</p>`
}
${plan !== undefined && planFacts(visit, { ...progress, plan }, perMinute)}
${runFacts(visit, run)}`;
}

/** The same once more: after a dry run in earnest, after failures for what has failed. */
function again(visit: Visit, { plan }: BackfillProgress): Content {
  if (plan === undefined) return undefined;
  const label = plan.dryRun ? 'Start it in earnest' : 'Run it again';
  return actionButton(visit, { ...START_BACKFILL, label }, NEW_BACKFILL, {
    of: plan.of ?? 'deals',
    crm: plan.crm,
    from: plan.after.slice(0, 10),
    to: plan.before.endsWith('T00:00:00.000Z') ? plan.before.slice(0, 10) : '',
    pipelines: (plan.pipelines ?? []).join(', '),
    limit: plan.limit === undefined ? '' : String(plan.limit),
    rate: String(plan.perMinute),
    ...(plan.dryRun && { earnest: 'yes' }),
  });
}

function planFacts(
  visit: Visit,
  { plan, waitingFor: _ }: BackfillProgress & { plan: NonNullable<BackfillProgress['plan']> },
  perMinute: number,
): Markup {
  const { many, window } = backfillThings(plan);
  return html`<h2>What was asked for</h2>
${facts([
  ['Of', `${many}${plan.dryRun ? ', as a dry run: nothing is started' : ''}`],
  ['CRM', crmName(plan.crm)],
  [`${window} from`, instant(plan.after, visit.zone)],
  [`${window} before`, instant(plan.before, visit.zone)],
  ['Pipelines', plan.of !== 'leads' && isolated(plan.pipelines?.join(', ') ?? 'all of them')],
  ['At most', plan.limit ?? 'as many as there are'],
  ['A minute, at most', perMinute],
])}`;
}

function runFacts({ zone, temporalUi }: Visit, { workflowId, startedAt, closedAt }: BackfillRun): Markup {
  return facts([
    ['Began', instant(startedAt, zone)],
    ['Ended', closedAt === undefined ? undefined : instant(closedAt, zone)],
    ['Workflow', temporalUi !== undefined && outsideLink(temporalPath(temporalUi, workflowId), 'in the Temporal UI')],
  ]);
}

function details(progress: BackfillProgress): Markup {
  const { plan, skipped, failures, failed, wouldStart } = progress;
  const { one, many } = backfillThings(plan);
  const reasons = Object.entries(skipped).toSorted(([, a], [, b]) => b - a);
  return html`<section data-part id="skipped" aria-labelledby="skipped-heading">
<h2 id="skipped-heading">Left alone</h2>
${
  reasons.length === 0
    ? html`<p>None.</p>`
    : table(
        'Left alone, by reason',
        ['Why', 'How many'],
        reasons.map(([reason, count]) => [reason, count]),
      )
}
</section>
<section data-part id="failures" aria-labelledby="failures-heading">
<h2 id="failures-heading">Failed</h2>
${
  failures.length === 0
    ? html`<p>None.</p>`
    : html`<p>Run the same again when that is mended: the others are left alone.</p>
${table(
  `${many} that failed`,
  [one === 'lead' ? 'Lead' : 'Deal', 'Why'],
  failures.map(({ dealId, reason }) => [thing(plan, dealId), reason]),
)}
${failed > failures.length && html`<p>And ${failed - failures.length} more.</p>`}`
}
</section>
${
  plan?.dryRun === true &&
  html`<section data-part id="would" aria-labelledby="would-heading">
<h2 id="would-heading">What it would start</h2>
${
  wouldStart.length === 0
    ? html`<p>Nothing so far.</p>`
    : table(
        'What it would start',
        [one === 'lead' ? 'Lead' : 'Deal', 'Name', one === 'lead' ? 'Form filled in' : 'Closed'],
        wouldStart.map(({ dealId, name, closedAt }) => [
          thing(plan, dealId),
          isolated(name ?? '–'),
          closedAt?.slice(0, 10) ?? '–',
        ]),
      )
}
</section>`
}`;
}

/** A deal leads to its rehearsal, which says what stands in its way; a lead to what is known of it. */
function thing(plan: BackfillProgress['plan'], id: string): Markup {
  const query = new URLSearchParams(plan?.of === 'leads' ? { q: id } : { deal: id, ...(plan && { crm: plan.crm }) });
  return html`<a href="${plan?.of === 'leads' ? '/leads' : '/start'}?${query.toString()}">${isolated(id)}</a>`;
}

function sentenceOfEnd(waitingFor: string): string {
  const words = waitingFor.replace(/^nothing: /, '');
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}.`;
}

function inMinutesOf(text: string): string {
  return text.replace(/(\d{4}-\d\d-\d\d)T(\d\d:\d\d)[\d:.]*Z/g, '$1 $2 UTC').replace(/\.$/, '');
}
