import type { StakeholderChangeRow } from '../../database/index.ts';
import { type Content, html, type Markup } from '../page/html.ts';
import { instant } from '../page/instant.ts';
import { isolated } from '../page/link.ts';
import { table } from '../page/table.ts';
import type { Visit } from '../visit.ts';
import { accountAddress, personAddress } from './address.ts';
import { pagesOf } from './pages-of.ts';
import { CHANGE_WORDS, dealWords, fieldValue, fieldWords } from './words.ts';

export interface History {
  changes: StakeholderChangeRow[];
  /** Further ones are before this number. */
  before?: number | undefined;
}

export const CHANGES_SHOWN = 20;

/** One page of the changes, out of one more than a page has. */
export function historyOf(rows: readonly StakeholderChangeRow[]): History {
  const changes = rows.slice(0, CHANGES_SHOWN);
  return { changes, ...(rows.length > CHANGES_SHOWN ? { before: changes.at(-1)?.id } : {}) };
}

/** Who changed what, when and by which way; the newest first. */
export function historySection(
  visit: Visit,
  { changes }: History,
  addresses: { first?: string | undefined; next?: string | undefined },
): Markup {
  return html`<section data-part id="history" aria-labelledby="history-heading">
<h2 id="history-heading">Changes</h2>
${
  changes.length === 0
    ? html`<p>Nothing has been changed${addresses.first === undefined ? '' : ' before'}.</p>`
    : table(
        'Changes, newest first',
        ['When', 'What', 'Who', 'Fields', 'By'],
        changes.map((change) => [
          instant(change.changed_at, visit.zone),
          CHANGE_WORDS[change.change],
          subject(change),
          fieldChanges(change),
          html`${isolated(change.changed_by)} <span class="quiet">${isolated(change.source)}</span>`,
        ]),
      )
}
${pagesOf('changes', addresses)}
</section>`;
}

function subject({ account_id: id, deal_id: deal, email }: StakeholderChangeRow): Content {
  const account = html`<a href="${accountAddress({ id })}">${isolated(id)}</a>`;
  if (email === '') return html`account ${account}`;
  const person = html`<a href="${personAddress({ email })}">${isolated(email)}</a>`;
  return id === '' ? html`${person}, everywhere` : html`${person} of ${account}, ${dealWords(deal)}`;
}

function fieldChanges({ before, after }: StakeholderChangeRow): Content {
  const earlier = before === null ? undefined : new Map(Object.entries(before));
  return fieldList(
    Object.entries(after ?? {}).map(([field, value]) => ({ field, before: earlier?.get(field), after: value })),
    earlier === undefined,
  );
}

/** Fields with what they were and are; of something new only what it has. */
export function fieldList(
  fields: readonly { field: string; before: unknown; after: unknown }[],
  isNew: boolean,
): Markup {
  const lines = fields.flatMap(({ field, before, after }) => {
    const now = fieldValue(field, after);
    if (isNew) return now === '–' ? [] : [html`<li>${fieldWords(field)}: ${isolated(now)}</li>\n`];
    return [
      html`<li>${fieldWords(field)}: <del>${isolated(fieldValue(field, before))}</del> → <ins>${isolated(now)}</ins></li>\n`,
    ];
  });
  return html`<ul class="plain">
${lines}</ul>`;
}
