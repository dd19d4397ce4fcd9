import type { StakeholderChangeKind } from '../../database/index.ts';
import { MILESTONES, type Milestone, roleTitle, type Stakeholder, valueInWords } from '../../registry/index.ts';
import type { Content } from '../page/html.ts';
import { isolated } from '../page/link.ts';

const FIELDS = new Map([
  ['timezone', 'time zone'],
  ['timezoneSource', 'time zone known from'],
  ['activeFrom', 'active from'],
  ['activeTo', 'active to'],
  ['optedOut', 'opted out'],
  ['optedOutReason', 'reason for opting out'],
  ['verifiedAt', 'verified'],
]);

/** What a field of the registry is called; one that this version does not know as it is. */
export function fieldWords(field: string): string {
  return FIELDS.get(field) ?? field;
}

/** A field's value, as people read it. */
export function fieldValue(field: string, value: unknown): string {
  if (field === 'roles' && Array.isArray(value)) return value.map((role) => roleTitle(String(role))).join(', ') || '–';
  return field === 'attendance' ? valueInWords(value).replaceAll('_', ' ') : valueInWords(value);
}

export const CHANGE_WORDS: Record<StakeholderChangeKind, string> = {
  added: 'Added',
  changed: 'Changed',
  ended: 'Ended',
  opted_out: 'Opted out',
  opted_in: 'Opted in',
};

export const SOURCE_OF_ROW: Record<Stakeholder['source'], string> = {
  manual: 'by hand',
  import: 'a file',
  crm: 'the CRM',
};

export const SIDE_WORDS: Record<Stakeholder['side'], string> = {
  customer: 'Customer',
  vendor: 'Vendor (us)',
  partner: 'Partner',
};

export function milestoneWords(milestone: Milestone): string {
  return milestone.replaceAll('_', ' ');
}

/** "kickoff optional, go live none"; undefined where nothing is said. */
export function attendanceWords(attendance: Stakeholder['attendance']): string | undefined {
  const said = MILESTONES.flatMap((milestone) =>
    attendance[milestone] === undefined ? [] : [`${milestoneWords(milestone)} ${attendance[milestone]}`],
  );
  return said.length === 0 ? undefined : said.join(', ');
}

/** For which deal a row counts. */
export function dealWords(dealId: string | undefined): Content {
  return dealId === undefined || dealId === '' ? 'every deal' : ['deal ', isolated(dealId)];
}

export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString('en')} ${count === 1 ? one : many}`;
}
