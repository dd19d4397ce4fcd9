import type { Faults, Posted } from '../action/action.ts';
import { isTicked, textIn } from '../action/posted.ts';
import type { Fault } from './faults.ts';

/** A form begins with so many rows for contacts, and grows by as many. */
export const CONTACT_ROWS = 6;
/** SkipUp takes so many people; more rows are nobody's form. */
export const MOST_CONTACTS = 50;

export const CONTACT_FIELDS = ['email', 'name', 'labels', 'timezone'] as const;
export type ContactField = (typeof CONTACT_FIELDS)[number];

/** The name of a contact's field in the form, `contact_1_email`; rows count from 1. */
export function contactField(row: number, field: ContactField): string {
  return `contact_${row}_${field}`;
}

/** A whole deal as a form says it, for the workflow to check; and where each of its fields stands in the form. */
export interface DealForm {
  deal: Record<string, unknown>;
  /** What the form can tell by itself. */
  faults: Faults;
  /** For each contact of the deal the row of the form that it came from. */
  rows: readonly number[];
}

const REQUIRED = {
  id: 'Give the deal an id: another kickoff of the same id joins this one.',
  name: 'Say what the deal is called.',
  account_name: 'Say whose deal it is.',
  account_id: 'Give the account’s id: the registry has its people under it.',
} as const;

/** @param posted the form's fields; those that are empty are left out of the deal */
export function dealOfForm(posted: Posted): DealForm {
  const text = (name: string) => textIn(posted, name) || undefined;
  const missing = Object.entries(REQUIRED).filter(([name]) => text(name) === undefined);
  const amount = text('amount');
  const owner = without({
    email: text('owner_email'),
    name: text('owner_name'),
    timezone: text('owner_timezone'),
  });
  const rows = contactRowsOf(posted);
  const deal = without({
    id: text('id'),
    crm: text('deal_crm'),
    name: text('name'),
    account: without({ id: text('account_id'), name: text('account_name') }),
    isWon: isTicked(posted, 'is_won'),
    amount: amount === undefined ? undefined : Number(amount),
    currency: text('currency'),
    closedAt: text('closed_at'),
    owner: Object.keys(owner).length === 0 ? undefined : owner,
    contacts: rows.map((row) => contactOf(posted, row)),
  });
  return {
    deal,
    faults: {
      ...Object.fromEntries(missing),
      ...(amount !== undefined && !Number.isFinite(Number(amount)) && { amount: 'An amount is a number: 48000.50' }),
      ...(owner.email === undefined &&
        Object.keys(owner).length > 0 && { owner_email: 'Without an e-mail address nobody can organize it.' }),
    },
    rows,
  };
}

/** The rows in which something stands. */
function contactRowsOf(posted: Posted): number[] {
  return Array.from({ length: MOST_CONTACTS }, (_, index) => index + 1).filter((row) =>
    CONTACT_FIELDS.some((field) => textIn(posted, contactField(row, field)) !== ''),
  );
}

function contactOf(posted: Posted, row: number): Record<string, unknown> {
  const text = (field: ContactField) => textIn(posted, contactField(row, field)) || undefined;
  const labels = (text('labels') ?? '').split(',').flatMap((label) => label.trim() || []);
  return without({
    email: text('email')?.toLowerCase(),
    name: text('name'),
    timezone: text('timezone'),
    labels: labels.length === 0 ? undefined : labels,
  });
}

const PLACES: Record<string, string> = {
  dealId: 'deal',
  crm: 'crm',
  workstream: 'workstream',
  'deal.id': 'id',
  'deal.crm': 'deal_crm',
  'deal.name': 'name',
  'deal.account.id': 'account_id',
  'deal.account.name': 'account_name',
  'deal.amount': 'amount',
  'deal.currency': 'currency',
  'deal.closedAt': 'closed_at',
  'deal.owner.email': 'owner_email',
  'deal.owner.name': 'owner_name',
  'deal.owner.timezone': 'owner_timezone',
};

/** The workflow's faults, each beside the field that it is about; the others, with their names, under `''`. */
export function faultsByField(faults: readonly Fault[], rows: readonly number[] = []): Faults {
  const placed: Record<string, string> = {};
  for (const { field, message } of faults) {
    const place = placeOf(field, rows);
    const sentence = place === '' && field !== '' ? `${field}: ${message}` : message;
    placed[place] = placed[place] === undefined ? sentence : `${placed[place]} ${sentence}`;
  }
  return placed;
}

function placeOf(field: string, rows: readonly number[]): string {
  const [, index, name] = /^deal\.contacts\[(\d+)\]\.(\w+)/.exec(field) ?? [];
  const row = rows[Number(index)];
  const known = CONTACT_FIELDS.find((each) => each === name);
  return row === undefined || known === undefined ? (PLACES[field] ?? '') : contactField(row, known);
}

function without(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
