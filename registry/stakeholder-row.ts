import { plainText, type StakeholderValues } from '../database/index.ts';
import { type Stakeholder, stakeholderSchema } from './model.ts';

/** A row of the table, whether it was selected column by column or as one JSON document. */
export type StakeholderRow = Omit<StakeholderValues, 'verified_at'> & { verified_at: Date | string | null };

/** A row as the rules see it: what the table has no value for is absent. */
export function stakeholderOf(row: StakeholderRow): Stakeholder {
  const fields: Record<string, unknown> = {
    accountId: row.account_id,
    email: row.email,
    side: row.side,
    roles: row.roles,
    attendance: row.attendance,
    optedOut: row.opted_out,
    source: row.source,
  };
  if (row.deal_id !== '') fields.dealId = row.deal_id;
  if (row.name !== null) fields.name = row.name;
  if (row.workstreams.length > 0) fields.workstreams = row.workstreams;
  if (row.timezone !== null) fields.timezone = row.timezone;
  if (row.timezone_source !== null) fields.timezoneSource = row.timezone_source;
  if (row.active_from !== null) fields.activeFrom = row.active_from;
  if (row.active_to !== null) fields.activeTo = row.active_to;
  if (row.opted_out_reason !== null) fields.optedOutReason = row.opted_out_reason;
  if (row.source_ref !== null) fields.sourceRef = row.source_ref;
  if (row.verified_at !== null) fields.verifiedAt = new Date(row.verified_at).toISOString();
  return stakeholderSchema.parse(fields);
}

/** A stakeholder as the table keeps it. */
export function valuesOf(person: Stakeholder): StakeholderValues {
  return {
    account_id: plainText(person.accountId),
    deal_id: person.dealId ?? '',
    email: person.email,
    name: person.name === undefined ? null : plainText(person.name),
    side: person.side,
    roles: person.roles,
    attendance: person.attendance,
    workstreams: person.workstreams ?? [],
    timezone: person.timezone ?? null,
    timezone_source: person.timezoneSource ?? null,
    active_from: person.activeFrom ?? null,
    active_to: person.activeTo ?? null,
    opted_out: person.optedOut,
    opted_out_reason: person.optedOutReason === undefined ? null : plainText(person.optedOutReason),
    source: person.source,
    source_ref: person.sourceRef ?? null,
    verified_at: person.verifiedAt ?? null,
  };
}
