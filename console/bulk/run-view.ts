import type { KickoffRow } from '../../database/index.ts';
import { actionForm } from '../action/form.ts';
import { kickoffRecord, kickoffTitle } from '../ledger/kickoff-record.ts';
import { type Content, html, type Markup } from '../page/html.ts';
import { instant } from '../page/instant.ts';
import { page } from '../page/layout.ts';
import { isolated, kickoffPath } from '../page/link.ts';
import { facts, table } from '../page/table.ts';
import type { Visit } from '../visit.ts';
import { outcomeChip } from '../words/action.ts';
import { type BulkRun, progressOf, progressWords } from './run.ts';

export interface RunPage {
  run: BulkRun;
  /** What is done: "Pause 12 kickoffs". */
  title: string;
  /** This server is at it. */
  isRunning: boolean;
  /** By workflow; those that are not there any more are shown by their id. */
  rows: ReadonlyMap<string, KickoffRow>;
}

/** How far a bulk action is, and what came of each. */
export function runPage(visit: Visit, { run, title, isRunning, rows }: RunPage): Markup {
  const progress = progressOf(run);
  const answered = progress.total - progress.open;
  const { asked } = run;
  return page(
    visit,
    { title, place: '/audit', live: 'audit' },
    html`<h1>${title}</h1>
${facts([
  ['Asked for by', isolated(asked.name)],
  ['When', instant(asked.at, visit.zone)],
  ['Why', asked.reason !== null && isolated(asked.reason)],
])}
<section data-part id="progress" aria-label="How far it is">
<p><label for="progress-bar">${answered} of ${progress.total} answered: ${progressWords(progress)}.</label></p>
<p><progress id="progress-bar" max="${progress.total}" value="${answered}"></progress></p>
${stateWords(visit, run, isRunning, progress.open)}
</section>
<section data-part id="kickoffs" aria-labelledby="kickoffs-heading">
<h2 id="kickoffs-heading">Each of them</h2>
${table(
  'What came of each',
  ['Kickoff', 'What came of it', 'Answer'],
  run.input.ids.map((id) => line(run, id, rows.get(id))),
)}
</section>`,
  );
}

function stateWords(visit: Visit, { bulk, asked }: BulkRun, isRunning: boolean, open: number): Content {
  if (isRunning) return html`<p>It is under way. This page follows it; without script, load it again.</p>`;
  if (open === 0 || asked.outcome !== null) {
    return html`<p>It has ended. ${asked.answer}</p>`;
  }
  return html`<p>This server is not at it: it was stopped in the middle, or another one is doing it. What has been done is not done again.</p>
${visit.may === 'act' && actionForm(visit, { action: 'bulk.goOn', on: bulk }, html`<p><button type="submit">Go on with the rest</button></p>`)}`;
}

function line({ made }: BulkRun, id: string, row: KickoffRow | undefined): Content[] {
  const attempt = made.get(id);
  const name = row === undefined ? id : kickoffTitle(row, kickoffRecord(row));
  return [
    html`<a href="${kickoffPath(id)}">${isolated(name)}</a>`,
    attempt === undefined ? html`<span class="chip still">Not yet</span>` : outcomeChip(attempt.outcome),
    attempt?.answer !== null && attempt !== undefined && isolated(attempt.answer),
  ];
}
