import { z } from 'zod';
import type { CrmContact } from '../port.ts';
import type { SalesforceApi } from './api.ts';
import { requireRecordId } from './deal.ts';

const FIELDS = 'ContactId, Role, IsPrimary, Contact.Name, Contact.Email, Contact.HasOptedOutOfEmail';

const contactRoleSchema = z.object({
  ContactId: z.string().min(1),
  Role: z.string().nullish(),
  IsPrimary: z.boolean().nullish(),
  Contact: z
    .object({
      Name: z.string().nullish(),
      Email: z.string().nullish(),
      HasOptedOutOfEmail: z.boolean().nullish(),
    })
    .nullish(),
});
type ContactRole = z.infer<typeof contactRoleSchema>;

/**
 * The contacts of an Opportunity, the primary one first, with their roles as labels.
 *
 * A contact with several roles comes once. One that the connected user may not see has an id and no address, so that the
 * gap shows. Salesforce keeps no time zones of contacts.
 *
 * @throws CrmError
 */
export async function listOpportunityContacts(
  api: SalesforceApi,
  dealId: string,
  signal?: AbortSignal,
): Promise<CrmContact[]> {
  const where = `WHERE OpportunityId = '${requireRecordId(dealId)}' ORDER BY IsPrimary DESC, CreatedDate, Id`;
  const roles = await api.query(contactRoleSchema, `SELECT ${FIELDS} FROM OpportunityContactRole ${where}`, signal);
  const byContact = new Map<string, ContactRole[]>();
  for (const role of roles) {
    byContact.set(role.ContactId, [...(byContact.get(role.ContactId) ?? []), role]);
  }
  return [...byContact].map(([id, rolesOfOne]) => contactOf(id, rolesOfOne));
}

function contactOf(id: string, roles: ContactRole[]): CrmContact {
  const contact = roles[0]?.Contact;
  const email = contact?.Email?.trim().toLowerCase() ?? '';
  const name = contact?.Name?.trim() ?? '';
  const labels = roles.map(({ Role }) => Role?.trim() ?? '').filter((label) => label !== '');
  return {
    id,
    ...(email === '' ? {} : { email }),
    ...(name === '' ? {} : { name }),
    labels: [...new Set(labels)],
    isPrimary: roles.some(({ IsPrimary }) => IsPrimary === true),
    optedOut: contact?.HasOptedOutOfEmail === true,
  };
}
