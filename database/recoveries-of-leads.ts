import type { Kysely } from 'kysely';
import { plainText } from './json.ts';
import type { RecoveryRow } from './recoveries.ts';
import type { Schema } from './schema.ts';

/** A lead by its id in a CRM, by its address, or by both. */
export interface WhichLead {
  crm: string;
  leadId?: string | undefined;
  email?: string | undefined;
}

/** The recoveries of a lead that run, or are about to. One person may be two leads: the address finds both. */
export async function openRecoveriesOf(
  db: Kysely<Schema>,
  { crm, leadId, email }: WhichLead,
): Promise<Pick<RecoveryRow, 'workflow_id'>[]> {
  if (leadId === undefined && email === undefined) return [];
  return await db
    .selectFrom('recoveries')
    .select('workflow_id')
    .where('ended_at', 'is', null)
    .where((eb) =>
      eb.or([
        ...(leadId === undefined ? [] : [eb.and([eb('crm', '=', crm), eb('lead_id', '=', plainText(leadId, 128))])]),
        ...(email === undefined ? [] : [eb('email', '=', plainText(email, 320).toLowerCase())]),
      ]),
    )
    .orderBy('created_at')
    .execute();
}

/**
 * The recoveries that these leads have or had, the oldest first.
 *
 * @param leadIds at most some hundreds
 */
export async function recoveriesOfLeads(
  db: Kysely<Schema>,
  { crm, leadIds }: { crm: string; leadIds: readonly string[] },
): Promise<RecoveryRow[]> {
  if (leadIds.length === 0) return [];
  return await db
    .selectFrom('recoveries')
    .selectAll()
    .where('crm', '=', crm)
    .where('lead_id', 'in', leadIds)
    .where('started_at', 'is not', null)
    .orderBy('created_at')
    .execute();
}
