import type { DealFixture } from '../fixtures/deal.ts';
import { hubspotTimeZone } from '../fixtures/deal.ts';
import type { CrmDeal, CrmObject, State } from '../state/schema.ts';
import { forgetOrder } from './record-order.ts';

type CrmState = State['crm'];

/** The stage that is won in HubSpot's default pipeline. */
export const WON_STAGE = 'closedwon';

/** Puts a deal with its owner, company and contacts into the CRM, over whatever had these ids. */
export function putDeal(crm: CrmState, id: string, fixture: DealFixture, now: number): CrmDeal {
  const at = new Date(now).toISOString();
  const stamps = { createdAt: at, updatedAt: at };
  const { owner, company, contacts } = fixture;
  if (owner !== undefined) crm.owners.set(owner.id, { ...owner, ...stamps });
  if (company !== undefined) {
    const domain = company.domain === undefined ? {} : { domain: company.domain };
    crm.companies.set(company.id, { id: company.id, properties: { name: company.name, ...domain }, ...stamps });
  }
  for (const contact of contacts) crm.contacts.set(contact.id, { ...contactObject(contact), ...stamps });
  const stage = fixture.properties.dealstage ?? 'contractsent';
  const deal: CrmDeal = {
    id,
    properties: {
      dealname: `Deal ${id}`,
      pipeline: 'default',
      ...fixture.properties,
      ...stageProperties(stage),
      ...(owner === undefined ? {} : { hubspot_owner_id: owner.id }),
      createdate: at,
    },
    contacts: contacts.map((contact) => ({ id: contact.id, labels: contact.labels })),
    companyId: company?.id ?? null,
    history: [],
    ...stamps,
  };
  crm.deals.set(id, deal);
  crm.merged.delete(id);
  forgetOrder(crm.deals, crm.contacts);
  return deal;
}

/** What follows from a deal's stage; the last two are HubSpot's own and cannot be written. */
export function stageProperties(stage: string): Record<string, string> {
  return {
    dealstage: stage,
    hs_is_closed: String(stage === WON_STAGE || stage === 'closedlost'),
    hs_is_closed_won: String(stage === WON_STAGE),
  };
}

export function contactObject(contact: DealFixture['contacts'][number]): Pick<CrmObject, 'id' | 'properties'> {
  const { id, email, firstName, lastName, timezone, optedOut } = contact;
  return {
    id,
    properties: {
      ...(email === undefined ? {} : { email }),
      ...(firstName === undefined ? {} : { firstname: firstName }),
      ...(lastName === undefined ? {} : { lastname: lastName }),
      ...(timezone === undefined ? {} : { hs_timezone: hubspotTimeZone(timezone) }),
      hs_email_optout: String(optedOut),
    },
  };
}
