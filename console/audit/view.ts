import type { AuditAttempt } from '../../database/index.ts';
import { type Content, html, type Markup } from '../page/html.ts';
import { instant } from '../page/instant.ts';
import { page } from '../page/layout.ts';
import { isolated } from '../page/link.ts';
import { paging } from '../page/paging.ts';
import { table } from '../page/table.ts';
import type { Visit } from '../visit.ts';
import { outcomeChip, outcomeLabel } from '../words/action.ts';
import { type AuditChoice, auditAddress, isFiltered, OUTCOMES } from './address.ts';
import { bulkRunPath, targetLink } from './target.ts';

export interface AuditPage {
  rows: readonly AuditAttempt[];
  /** There are older ones. */
  hasMore: boolean;
  /** To choose from. */
  actions: readonly string[];
  /** What each is called. */
  labels: ReadonlyMap<string, string>;
}

export function auditPage(visit: Visit, found: AuditPage, choice: AuditChoice): Markup {
  const { rows, hasMore } = found;
  return page(
    visit,
    { title: 'Audit log', place: '/audit', live: 'audit' },
    html`<h1>Audit log</h1>
<p>What was done from this console, by whom and why. Nothing in it can be changed or removed.</p>
${filterForm(found, choice)}
<section data-part id="log" aria-label="What was done">
${
  rows.length === 0
    ? html`<p>${nothingFound(choice)}</p>`
    : table(
        'What was done, newest first',
        ['When', 'Who', 'What', 'To what', 'Why', 'What came of it'],
        rows.map((row) => line(visit, row, found)),
      )
}
${paging({
  newest: choice.before === undefined ? undefined : auditAddress({ ...choice, before: undefined }),
  older: hasMore ? auditAddress({ ...choice, before: rows.at(-1)?.id }) : undefined,
})}
</section>
${rows.length > 0 && html`<p><a href="${auditAddress({ ...choice, before: undefined }, '/audit.csv')}" download="kickoff-audit.csv">Download as CSV</a></p>`}`,
  );
}

function filterForm({ actions, labels }: AuditPage, choice: AuditChoice): Markup {
  const { who, action, target, outcome, bulk } = choice;
  const chosen = (is: boolean) => is && html` selected`;
  return html`<form class="search" method="get" action="/audit" role="search">
<div><label for="who">Who</label><input type="search" id="who" name="who" value="${who}" maxlength="300"></div>
<div><label for="action">What</label><select id="action" name="action"><option value="">anything</option>
${actions.map((name) => html`<option value="${name}"${chosen(name === action)}>${labels.get(name) ?? name}</option>\n`)}</select></div>
<div><label for="target">To what (its whole id)</label><input type="search" id="target" name="target" value="${target}" maxlength="1000"></div>
<div><label for="outcome">What came of it</label><select id="outcome" name="outcome"><option value="">anything</option>
${OUTCOMES.map((name) => html`<option value="${name}"${chosen(name === outcome)}>${outcomeLabel(name)}</option>\n`)}</select></div>
${bulk !== undefined && html`<input type="hidden" name="bulk" value="${bulk}">`}
<button type="submit">Show</button>
${isFiltered(choice) && html`<a href="/audit">Show all</a>`}
</form>
${bulk !== undefined && html`<p>Only what was part of one <a href="${bulkRunPath(bulk)}">bulk action</a>.</p>`}`;
}

function line(visit: Visit, row: AuditAttempt, { labels }: AuditPage): Content[] {
  return [
    instant(row.at, visit.zone),
    html`${isolated(row.name)} <span class="quiet">${row.subject}, ${row.role}</span>`,
    html`${labels.get(row.action) ?? row.action}${row.input !== null && html`<br><span class="quiet">${inputWords(row.input)}</span>`}`,
    html`${targetLink(row.action, row.target)}${row.bulk !== null && html`<br><a href="${bulkRunPath(row.bulk)}">part of a bulk action</a>`}`,
    row.reason !== null && isolated(row.reason),
    html`${outcomeChip(row.outcome)} ${row.answer !== null && isolated(row.answer)}${row.answered_at !== null && isLater(row) && html`<br>${instant(row.answered_at, visit.zone)}`}`,
  ];
}

/** Most are answered at once: then one time says it all. */
function isLater({ at, answered_at: answered }: AuditAttempt): boolean {
  return answered !== null && answered.getTime() - at.getTime() > 60_000;
}

const SHOWN = 300;

/** What was filled in, in one line. Of a bulk action it stands in `fields`. */
function inputWords(input: object): string {
  const words = Object.entries(input)
    .flatMap(([name, value]) =>
      name === 'fields' && typeof value === 'object' ? Object.entries(value) : [[name, value]],
    )
    .map(([name, value]) => `${name}: ${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join('; ');
  return words.length <= SHOWN ? words : `${words.slice(0, SHOWN)}…`;
}

function nothingFound(choice: AuditChoice): string {
  if (choice.before !== undefined) return 'There is nothing older.';
  return isFiltered(choice)
    ? 'Nothing of that kind has been done.'
    : 'Nothing has been done from this console yet. What is done from a page, such as pausing a kickoff, stands here from then on.';
}
