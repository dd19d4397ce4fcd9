import { type Kysely, type Selectable, sql } from 'kysely';
import { jsonText, plainText, type Schema } from '../database/index.ts';
import { normaliseEmail } from './email.ts';
import { type Stakeholder, stakeholderSchema } from './model.ts';

type StakeholderRow = Selectable<Schema['stakeholders']>;

/**
 * What the registry knows for a deal: the rows of its account that count for every deal or for this one, and whoever has
 * opted out under any deal of the account.
 */
export async function stakeholdersFor(
  db: Kysely<Schema>,
  key: { accountId: string; dealId: string },
): Promise<Stakeholder[]> {
  const rows = await db
    .selectFrom('stakeholders')
    .selectAll()
    .where('account_id', '=', key.accountId)
    .where((eb) => eb.or([eb('deal_id', 'in', ['', key.dealId]), eb('opted_out', '=', true)]))
    .orderBy('email')
    .orderBy('deal_id')
    .execute();
  return rows.map(stakeholderOf);
}

/** How many rows the registry holds; of one account when it is given. */
export async function countStakeholders(db: Kysely<Schema>, accountId?: string): Promise<number> {
  let query = db.selectFrom('stakeholders').select((eb) => eb.fn.countAll<number>().as('count'));
  if (accountId !== undefined) query = query.where('account_id', '=', accountId);
  const row = await query.executeTakeFirstOrThrow();
  return row.count;
}

/**
 * Opts a person of an account out, or back in, in every row of theirs. An import only ever opts out; this is the way back.
 *
 * @returns how many rows changed
 */
export async function setOptedOut(
  db: Kysely<Schema>,
  change: { accountId: string; email: string; optedOut: boolean; reason?: string | undefined },
): Promise<number> {
  const result = await db
    .updateTable('stakeholders')
    .set({
      opted_out: change.optedOut,
      opted_out_reason: change.optedOut && change.reason !== undefined ? plainText(change.reason) : null,
      updated_at: sql<Date>`now()`,
    })
    .where('account_id', '=', change.accountId)
    .where('email', '=', normaliseEmail(change.email) ?? '')
    .where('opted_out', '<>', change.optedOut)
    .executeTakeFirst();
  return Number(result.numUpdatedRows);
}

/** A row as the rules see it: what the table has no value for is absent. */
export function stakeholderOf(row: StakeholderRow): Stakeholder {
  const fields = {
    accountId: row.account_id,
    dealId: row.deal_id === '' ? null : row.deal_id,
    email: row.email,
    name: row.name,
    side: row.side,
    roles: row.roles,
    attendance: row.attendance,
    timezone: row.timezone,
    timezoneSource: row.timezone_source,
    activeFrom: row.active_from,
    activeTo: row.active_to,
    optedOut: row.opted_out,
    optedOutReason: row.opted_out_reason,
    source: row.source,
    sourceRef: row.source_ref,
    verifiedAt: row.verified_at?.toISOString() ?? null,
  };
  return stakeholderSchema.parse(Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null)));
}

/** A stakeholder as the table keeps it. */
export function valuesOf(person: Stakeholder) {
  return {
    account_id: plainText(person.accountId),
    deal_id: person.dealId ?? '',
    email: person.email,
    name: person.name === undefined ? null : plainText(person.name),
    side: person.side,
    roles: jsonText(person.roles),
    attendance: jsonText(person.attendance),
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
