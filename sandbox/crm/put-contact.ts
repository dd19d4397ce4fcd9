import { z } from 'zod';
import { dealFixtureSchema } from '../fixtures/deal.ts';
import type { CrmObject, State } from '../state/schema.ts';
import { contactObject } from './put-deal.ts';
import { forgetOrder } from './record-order.ts';

/** A contact that belongs to no deal (yet): somebody who fills in a form. */
export const contactFixtureSchema = dealFixtureSchema.shape.contacts
  .unwrap()
  .element.omit({ id: true, labels: true })
  .extend({
    owner: dealFixtureSchema.shape.owner,
    company: z.string().max(500).optional(),
    jobTitle: z.string().max(500).optional(),
  });
export type ContactFixture = z.output<typeof contactFixtureSchema>;

/** Puts a contact with its owner into the CRM, over whatever had its id. */
export function putContact(crm: State['crm'], id: string, fixture: ContactFixture, now: number): CrmObject {
  const { owner, company, jobTitle, ...person } = fixture;
  const at = new Date(now).toISOString();
  const stamps = { createdAt: at, updatedAt: at };
  if (owner !== undefined) crm.owners.set(owner.id, { ...owner, ...stamps });
  const properties = {
    ...contactObject({ id, labels: [], ...person }).properties,
    ...(company === undefined ? {} : { company }),
    ...(jobTitle === undefined ? {} : { jobtitle: jobTitle }),
    ...(owner === undefined ? {} : { hubspot_owner_id: owner.id }),
  };
  const contact = { id, properties, ...stamps };
  crm.contacts.set(id, contact);
  forgetOrder(crm.contacts);
  return contact;
}
