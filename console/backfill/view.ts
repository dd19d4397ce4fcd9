import type { ScheduleView } from '../../temporal/index.ts';
import type { BackfillPlan, BackfillProgress } from '../../workflows/messages.ts';
import { actionButton } from '../action/button.ts';
import { type Content, html, type Markup } from '../page/html.ts';
import { instant } from '../page/instant.ts';
import { page } from '../page/layout.ts';
import { isolated } from '../page/link.ts';
import { paging } from '../page/paging.ts';
import { table } from '../page/table.ts';
import { crmName } from '../start/form-view.ts';
import type { Asked } from '../temporal/ask.ts';
import type { Visit } from '../visit.ts';
import { backfillChip, backfillShare, backfillThings, leftWords, skippedOf, startedWords } from '../words/backfill.ts';
import { backfillPath } from './address.ts';
import type { BackfillPage, BackfillRun } from './read.ts';
import { NEW_BACKFILL, START_BACKFILL } from './start.ts';

export interface Backfills {
  listed: Asked<BackfillPage>;
  schedules: Asked<ScheduleView[]>;
  isFirst: boolean;
}

export function backfillsPage(visit: Visit, { listed, schedules, isFirst }: Backfills): Markup {
  return page(
    visit,
    { title: 'Backfills', place: '/backfills', live: 'backfills' },
    html`<h1>Backfills</h1>
<p>Deals that closed before Kickoff came get their kickoffs from a backfill, and leads of that time are taken up by one.</p>
${visit.may === 'act' && html`<p class="actions">${actionButton(visit, START_BACKFILL, NEW_BACKFILL)}</p>`}
<section data-part id="runs" aria-label="Backfills">
${'silent' in listed ? html`<p class="notice alert">${listed.silent} What has run, and what runs, is not known.</p>` : runs(visit, listed.answer, isFirst)}
</section>
<section data-part id="schedules" aria-labelledby="schedules-heading">
<h2 id="schedules-heading">By the clock</h2>
${'silent' in schedules ? html`<p>${schedules.silent}</p>` : scheduleTable(visit, schedules.answer)}
</section>`,
  );
}

function runs(visit: Visit, { runs: shown, next }: BackfillPage, isFirst: boolean): Markup {
  if (shown.length === 0) {
    return isFirst
      ? html`<div class="empty"><p>None has run here, or Temporal’s retention has passed over them.</p><p>Start with a dry run: it counts and names what a backfill would start, and starts nothing.</p></div>`
      : html`<p>There are no older ones.</p>`;
  }
  return html`${table(
    'Backfills, those that run first',
    ['Backfill', 'State', 'Progress', 'Scanned', 'Skipped', 'Started', 'Failed', 'Began', 'Ended'],
    shown.map((run) => line(visit, run)),
  )}
${paging({
  newest: isFirst ? undefined : '/backfills',
  older: next === undefined ? undefined : `/backfills?page=${next}`,
})}`;
}

function line(visit: Visit, run: BackfillRun): Content[] {
  const { workflowId, runId, startedAt, closedAt, progress } = run;
  const link = html`<a href="${backfillPath(workflowId, closedAt === undefined ? undefined : runId)}">${isolated(workflowId)}</a>`;
  const when = [instant(startedAt, visit.zone), closedAt === undefined ? 'runs' : instant(closedAt, visit.zone)];
  if ('failed' in progress) return [link, backfillChip('failed'), progress.failed, '', '', '', '', ...when];
  if ('silent' in progress) return [link, 'not known', progress.silent, '', '', '', '', ...when];
  const { answer } = progress;
  return [
    html`${link}${answer.plan !== undefined && html`<br><span class="quiet">${planWords(answer.plan)}</span>`}`,
    backfillChip(answer.state),
    html`${progressBar(answer, workflowId)}${answer.secondsLeft !== undefined && html` ${leftWords(answer.secondsLeft)} left`}`,
    answer.scanned,
    skippedOf(answer),
    startedWords(answer),
    answer.failed,
    ...when,
  ];
}

/** `HubSpot, won deals, dry run` */
export function planWords(plan: BackfillPlan): string {
  return `${crmName(plan.crm)}, ${plan.of === 'leads' ? 'leads' : 'won deals'}${plan.dryRun ? ', dry run' : ''}`;
}

/** How much is done, as a bar and in words; where the CRM does not say how much there is, how much was looked at. */
export function progressBar(progress: BackfillProgress, label: string): Content {
  const share = backfillShare(progress);
  const { many } = backfillThings(progress.plan);
  if (share === undefined) return `${progress.scanned} ${many} looked at`;
  const percent = Math.floor((share.done / share.of) * 100);
  return html`<progress aria-label="Progress of ${label}" max="${share.of}" value="${share.done}"></progress> ${percent} %`;
}

function scheduleTable(visit: Visit, schedules: readonly ScheduleView[]): Markup {
  if (schedules.length === 0) {
    return html`<p>None is scheduled. <code>backfill.schedules</code> in <code>kickoff.config.yaml</code> has them, and <code>kickoff schedules apply</code> sets them up.</p>`;
  }
  return table(
    'Scheduled backfills',
    ['Schedule', 'For', 'How often', 'State', 'Next', 'Last'],
    schedules.map(({ id, purpose, times, isPaused, note, nextAt, last }) => [
      isolated(id),
      isolated(purpose),
      times,
      isPaused ? html`<span class="chip still">Paused</span> ${note}` : html`<span class="chip good">Runs</span>`,
      nextAt === undefined ? 'none' : instant(nextAt, visit.zone),
      last === undefined
        ? 'none yet'
        : html`${instant(last.at, visit.zone)}: ${last.outcome === 'forgotten' ? isolated(last.workflowId) : html`<a href="${backfillPath(last.workflowId)}">${last.outcome}</a>`}${last.reason !== undefined && html`, ${last.reason}`}`,
    ]),
  );
}
