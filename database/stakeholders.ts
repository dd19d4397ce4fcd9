import type { Kysely } from 'kysely';
import type { Schema } from './schema.ts';

/** Somebody of the registry, with where they stand. */
export interface OrganizingStakeholder {
  accountId: string;
  email: string;
}

/**
 * Everybody on one side who has a role today and has not opted out, in all accounts.
 *
 * @param filter.today ISO date
 */
export async function stakeholdersInRole(
  db: Kysely<Schema>,
  filter: { sides: readonly string[]; role: string; today: string },
): Promise<OrganizingStakeholder[]> {
  const rows = await db
    .selectFrom('stakeholders')
    .select(['account_id', 'email', 'roles'])
    .distinct()
    .where('side', 'in', filter.sides)
    .where('opted_out', '=', false)
    .where((eb) => eb.or([eb('active_from', 'is', null), eb('active_from', '<=', filter.today)]))
    .where((eb) => eb.or([eb('active_to', 'is', null), eb('active_to', '>=', filter.today)]))
    .orderBy('account_id')
    .orderBy('email')
    .execute();
  return rows
    .filter((row) => row.roles.includes(filter.role))
    .map((row) => ({ accountId: row.account_id, email: row.email }));
}
