import type { Stakeholder } from '../../registry/index.ts';
import { roleTitle } from '../../registry/index.ts';
import { actionButton } from '../action/button.ts';
import { type Content, html, type Markup } from '../page/html.ts';
import { instant } from '../page/instant.ts';
import { isolated } from '../page/link.ts';
import { table } from '../page/table.ts';
import type { Visit } from '../visit.ts';
import { EDIT_PERSON, END_PERSON, OPT_IN, OPT_OUT } from './actions/names.ts';
import { accountAddress, personAddress } from './address.ts';
import { personKeyText } from './person-key.ts';
import { attendanceWords, dealWords, SIDE_WORDS, SOURCE_OF_ROW } from './words.ts';

export interface PeopleTableOptions {
  label: string;
  rows: readonly Stakeholder[];
  /** Addresses that are never written to. */
  optedOutEmails: ReadonlyMap<string, string>;
  /** ISO date. */
  today: string;
  /** What the first column says of each: the person, or where the row stands. */
  first: 'person' | 'place';
}

/** Rows of the registry, with what may be done to each. */
export function peopleTable(visit: Visit, { label, rows, first, ...known }: PeopleTableOptions): Markup {
  const columns = ['Roles', 'Attendance', 'Time zone', 'Counts', 'Known from'];
  return table(
    label,
    [first === 'person' ? 'Person' : 'Account', ...columns, ...(visit.may === 'act' ? ['Change'] : [])],
    rows.map((row) => [
      first === 'person' ? person(row) : place(row),
      roles(row),
      attendanceWords(row.attendance) ?? 'as usual',
      html`${row.timezone ?? 'not known'}${row.timezoneSource !== undefined && row.timezoneSource !== 'person' && html` <span class="quiet">the ${row.timezoneSource === 'crm' ? 'CRM’s' : 'account’s'}</span>`}`,
      counts(row, known),
      html`${SOURCE_OF_ROW[row.source]}${row.sourceRef !== undefined && html` <span class="quiet">${isolated(row.sourceRef)}</span>`}${row.verifiedAt !== undefined && html`<br><span class="quiet">verified ${instant(row.verifiedAt, visit.zone)}</span>`}`,
      ...(visit.may === 'act' ? [buttons(visit, row, known.today)] : []),
    ]),
  );
}

function person({ email, name }: Stakeholder): Content {
  const link = html`<a href="${personAddress({ email })}">${isolated(name ?? email)}</a>`;
  return name === undefined ? link : html`${link} <span class="quiet">${isolated(email)}</span>`;
}

function place({ accountId, dealId }: Stakeholder): Content {
  return html`<a href="${accountAddress({ id: accountId })}">${isolated(accountId)}</a> <span class="quiet">${dealWords(dealId)}</span>`;
}

function roles({ roles: list, side }: Stakeholder): Content {
  const titles = list.length === 0 ? 'no role' : list.map(roleTitle).join(', ');
  return side === 'customer' ? titles : html`${titles} <span class="quiet">${SIDE_WORDS[side]}</span>`;
}

function counts(
  row: Stakeholder,
  { optedOutEmails, today }: Pick<PeopleTableOptions, 'optedOutEmails' | 'today'>,
): Content {
  const { activeFrom, activeTo, workstreams } = row;
  const everywhere = optedOutEmails.get(row.email);
  const limits = [
    activeFrom !== undefined && html`from ${activeFrom}`,
    activeTo !== undefined && html`to ${activeTo}`,
    workstreams !== undefined && html`for ${workstreams.join(', ')}`,
  ].filter((limit) => limit !== false);
  return html`${stateChip(row, everywhere, today)}${limits.length > 0 && html`<br><span class="quiet">${limits.map((limit, index) => [index > 0 && ', ', limit])}</span>`}${reasonOf(row, everywhere)}`;
}

function stateChip(row: Stakeholder, everywhere: string | undefined, today: string): Markup {
  if (everywhere !== undefined) return html`<span class="chip alert">Opted out everywhere</span>`;
  if (row.optedOut) return html`<span class="chip alert">Opted out</span>`;
  if (row.activeTo !== undefined && row.activeTo < today) return html`<span class="chip still">Ended</span>`;
  if (row.activeFrom !== undefined && row.activeFrom > today) return html`<span class="chip still">Not yet</span>`;
  return html`<span class="chip good">Counts</span>`;
}

function reasonOf({ optedOut, optedOutReason }: Stakeholder, everywhere: string | undefined): Markup | undefined {
  const reason = everywhere ?? (optedOut ? optedOutReason : undefined);
  return reason === undefined ? undefined : html`<br><span class="quiet">${isolated(reason)}</span>`;
}

function buttons(visit: Visit, row: Stakeholder, today: string): Content {
  const on = personKeyText(row);
  const isOver = row.activeTo !== undefined && row.activeTo < today;
  return html`<span class="actions">${[
    EDIT_PERSON,
    ...(isOver ? [] : [END_PERSON]),
    row.optedOut ? OPT_IN : OPT_OUT,
  ].map((action) => html`${actionButton(visit, action, on)} `)}</span>`;
}
