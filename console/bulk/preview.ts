import { randomUUID } from 'node:crypto';
import type { KickoffRow } from '../../database/index.ts';
import type { Action, Bulk, Faults, Posted } from '../action/action.ts';
import { faultList } from '../action/field.ts';
import { textIn } from '../action/posted.ts';
import { decision, reasonField } from '../action/view.ts';
import { type KickoffsFilter, kickoffsAddress, kickoffsQuery } from '../kickoffs/address.ts';
import { kickoffRecord, kickoffTitle } from '../ledger/kickoff-record.ts';
import { html, type Markup } from '../page/html.ts';
import { page } from '../page/layout.ts';
import { isolated, kickoffPath } from '../page/link.ts';
import { table } from '../page/table.ts';
import type { Visit } from '../visit.ts';
import { phaseChip } from '../words/phase.ts';
import type { Selection } from './selection.ts';

/** So many are named; the others are counted. */
const NAMED = 50;

export type BulkAction = Action & { bulk: Bulk };

export interface Preview {
  action: BulkAction;
  filter: KickoffsFilter;
  selection: Selection;
  posted: Posted;
  faults: Faults;
}

/** To how many, and to which, it would be done; and the form that does it. */
export function previewPage(visit: Visit, preview: Preview): Markup {
  const { action, filter, selection, faults } = preview;
  const { taking, leftAlone } = selection;
  const title = action.bulk.title(taking.length);
  const back = kickoffsAddress(filter);
  return page(
    visit,
    { title, place: '/kickoffs' },
    html`<h1>${title}</h1>
<p>${action.bulk.about}</p>
${faultList(faults)}
${taking.length === 0 ? html`<p class="notice still">${leftAlone.length === 0 ? 'The filter chooses no kickoff.' : 'None of the kickoffs that the filter chooses would take it.'}</p>\n<p><a href="${back}">Back</a></p>` : form(visit, preview, back)}
${
  taking.length > 0 &&
  html`<h2>To which</h2>\n${rowsTable(
    'The kickoffs it is done to',
    ['Kickoff', 'Phase'],
    taking.map((row) => [link(row), phaseChip(row.phase)]),
  )}`
}
${
  leftAlone.length > 0 &&
  html`<h2>Left alone: ${leftAlone.length}</h2>\n${rowsTable(
    'Kickoffs that are left alone',
    ['Kickoff', 'Phase', 'Why'],
    leftAlone.map(({ row, why }) => [link(row), phaseChip(row.phase), why]),
  )}`
}`,
  );
}

function form(visit: Visit, { action, filter, selection, posted, faults }: Preview, back: string): Markup {
  const { bulk } = action;
  const hidden = [
    ['csrf', visit.csrfToken],
    ['attempt', randomUUID()],
    ['count', String(selection.taking.length)],
    ['digest', selection.digest],
    ...kickoffsQuery(filter),
  ] as const;
  return html`<form class="action" method="post" action="/bulk/${action.name}">
${hidden.map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}">\n`)}${bulk.fields?.(posted, faults)}
${reasonField(textIn(posted, 'reason'), faults)}
${decision({ label: bulk.title(selection.taking.length), isDangerous: action.isDangerous === true }, back)}
</form>`;
}

function link(row: KickoffRow): Markup {
  return html`<a href="${kickoffPath(row.workflow_id)}">${isolated(kickoffTitle(row, kickoffRecord(row)))}</a>`;
}

function rowsTable(label: string, columns: readonly string[], rows: Parameters<typeof table>[2]): Markup {
  return html`${table(label, columns, rows.slice(0, NAMED))}${rows.length > NAMED && html`\n<p>And ${rows.length - NAMED} more.</p>`}`;
}
