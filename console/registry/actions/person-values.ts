import { checkPerson, type FieldFaults, MILESTONES, type Stakeholder, uniteRoles } from '../../../registry/index.ts';
import type { Posted } from '../../action/action.ts';
import { textIn } from '../../action/posted.ts';

/** What stands in the form of a person, as texts. */
export interface PersonValues {
  name: string;
  side: string;
  /** Of those that are offered to be ticked. */
  roles: readonly string[];
  otherRoles: string;
  attendance: Readonly<Record<string, string>>;
  timezone: string;
  timezoneSource: string;
  activeFrom: string;
  activeTo: string;
  workstreams: string;
  verifiedAt: string;
}

/** What a new person's form begins with, and an address may fill in. */
export function valuesFrom(posted: Posted): PersonValues {
  const roles = posted.roles;
  return {
    name: textIn(posted, 'name'),
    side: textIn(posted, 'side') || 'customer',
    roles: typeof roles === 'string' ? [roles] : Array.isArray(roles) ? roles : [],
    otherRoles: textIn(posted, 'other_roles'),
    attendance: Object.fromEntries(MILESTONES.map((milestone) => [milestone, textIn(posted, milestone)])),
    timezone: textIn(posted, 'timezone'),
    timezoneSource: textIn(posted, 'timezone_source') || 'person',
    activeFrom: textIn(posted, 'active_from'),
    activeTo: textIn(posted, 'active_to'),
    workstreams: textIn(posted, 'workstreams'),
    verifiedAt: textIn(posted, 'verified_at'),
  };
}

export function valuesOfPerson(person: Stakeholder): PersonValues {
  return {
    name: person.name ?? '',
    side: person.side,
    roles: person.roles,
    otherRoles: '',
    attendance: Object.fromEntries(MILESTONES.map((milestone) => [milestone, person.attendance[milestone] ?? ''])),
    timezone: person.timezone ?? '',
    timezoneSource: person.timezoneSource ?? 'person',
    activeFrom: person.activeFrom ?? '',
    activeTo: person.activeTo ?? '',
    workstreams: person.workstreams?.join(', ') ?? '',
    verifiedAt: person.verifiedAt?.slice(0, 10) ?? '',
  };
}

/**
 * A person out of a form, checked as an import checks a file.
 *
 * @param before the row that is changed: what the form does not ask for stays as it is
 */
export function personIn(
  values: PersonValues,
  who: { accountId: string; dealId: string; email: string },
  before?: Stakeholder,
): { person: Stakeholder } | { faults: FieldFaults } {
  const attendance = Object.entries(values.attendance).filter(([, value]) => value !== '');
  // A form knows the day alone: the hour that was known before is not lost for it.
  const isSameDay = before?.verifiedAt?.slice(0, 10) === values.verifiedAt;
  const checked = checkPerson({
    account_id: who.accountId,
    deal_id: who.dealId,
    email: who.email,
    name: values.name,
    side: values.side,
    roles: [...values.roles, ...values.otherRoles.split(/[;|,\s]+/).filter((role) => role !== '')],
    attendance: Object.fromEntries(attendance),
    timezone: values.timezone,
    timezone_source: values.timezoneSource,
    active_from: values.activeFrom,
    active_to: values.activeTo,
    workstreams: values.workstreams,
    verified_at: isSameDay ? before?.verifiedAt : values.verifiedAt,
    source: 'manual',
  });
  if ('faults' in checked) return { faults: faultsInWords(checked.faults) };
  if (before === undefined) return checked;
  const { optedOut, optedOutReason } = before;
  return { person: { ...checked.person, optedOut, ...(optedOutReason === undefined ? {} : { optedOutReason }) } };
}

const INPUTS = new Map([
  ['account_id', { input: 'account_id', label: 'Account’s id' }],
  ['deal_id', { input: 'deal_id', label: 'Deal' }],
  ['email', { input: 'email', label: 'E-mail' }],
  ['roles', { input: 'other_roles', label: 'Roles' }],
  ['timezone', { input: 'timezone', label: 'Time zone' }],
  ['timezone_source', { input: 'timezone_source', label: 'Time zone known from' }],
  ['active_from', { input: 'active_from', label: 'First day' }],
  ['active_to', { input: 'active_to', label: 'Last day' }],
  ['verified_at', { input: 'verified_at', label: 'Verified on' }],
  ['account_name', { input: 'account_name', label: 'Name' }],
  ['account_country', { input: 'account_country', label: 'Country' }],
  ['account_timezone', { input: 'account_timezone', label: 'Time zone' }],
]);

/** A file's faults beside the inputs of a form: each says of what it is, for those who read it above the form. */
export function faultsInWords(faults: FieldFaults): FieldFaults {
  return Object.fromEntries(
    Object.entries(faults).map(([field, message]) => {
      const { input, label } = INPUTS.get(field) ?? { input: field, label: field.replaceAll('_', ' ') };
      return [input, `${label}: ${message.replace('active_from', 'the first day')}.`];
    }),
  );
}

/** Roles to tick: those that are known, those that kickoffs look for, and those that are ticked already. */
export function rolesToTick(...lists: readonly (readonly string[])[]): string[] {
  return uniteRoles(...lists);
}
