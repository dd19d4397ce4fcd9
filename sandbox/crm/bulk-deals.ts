import { z } from 'zod';
import { acmeDeal } from '../fixtures/acme.ts';
import { crmIdSchema } from '../fixtures/deal.ts';
import type { CrmDeal } from '../state/schema.ts';
import type { Workspace } from '../workspace.ts';
import { contactObject, stageProperties, WON_STAGE } from './put-deal.ts';
import { forgetOrder } from './record-order.ts';

const DAY_MS = 86_400_000;
const ZONES = ['America/New_York', 'America/Chicago', 'America/Los_Angeles', 'Europe/Berlin'] as const;
/** The first contact is who a kickoff needs, the others are welcome. */
const LABELS = ['Project lead', 'Executive sponsor', 'Billing contact', 'IT contact', 'Champion'] as const;
const FIRST_NAMES = ['Robin', 'Casey', 'Avery', 'Quinn', 'Drew', 'Skyler', 'Rowan', 'Emery'] as const;

const instant = z.iso.datetime({ offset: true });

/** What historical deals are made of. */
export const bulkSchema = z
  .strictObject({
    count: z.int().min(1).max(100_000),
    /** The lowest id; the others follow it without gaps. */
    firstId: crmIdSchema.pipe(z.string().max(12)).default('1000000000'),
    /** They are closed one after another, evenly from `closedFrom` on and before `closedTo`. */
    closedFrom: instant,
    closedTo: instant,
    pipeline: z.string().min(1).max(100).default('default'),
    stage: z.string().min(1).max(100).default(WON_STAGE),
    /** How many contacts each deal has. */
    contacts: z.int().min(0).max(LABELS.length).default(2),
  })
  .refine(({ closedFrom, closedTo }) => Date.parse(closedFrom) < Date.parse(closedTo), {
    message: 'Must be after closedFrom',
    path: ['closedTo'],
  });
export type Bulk = z.output<typeof bulkSchema>;

/**
 * Puts historical deals into the CRM, each with a company and people of its own, and all with the Acme deal's owner. No
 * webhook tells of them: they are what was there before anybody listened.
 *
 * @returns the first id and the last
 */
export function putDealsInBulk(workspace: Workspace, bulk: Bulk): { firstId: string; lastId: string } {
  const { crm } = workspace.state;
  const first = Number(bulk.firstId);
  for (let nth = 0; nth < bulk.count; nth += 1) {
    const deal = dealOf(bulk, String(first + nth), nth);
    const stamps = { createdAt: deal.createdAt, updatedAt: deal.createdAt };
    crm.deals.set(deal.id, deal);
    crm.merged.delete(deal.id);
    const name = `Company ${deal.id}`;
    const companyId = `1${deal.id}`;
    crm.companies.set(companyId, { id: companyId, properties: { name, domain: domainOf(deal.id) }, ...stamps });
    for (const [place, { id }] of deal.contacts.entries()) {
      const contact = contactObject({
        id,
        email: `p${place + 1}@${domainOf(deal.id)}`,
        firstName: FIRST_NAMES[(nth + place) % FIRST_NAMES.length],
        lastName: `No. ${deal.id}`,
        timezone: ZONES[(nth + place) % ZONES.length],
        labels: [],
        optedOut: false,
      });
      crm.contacts.set(id, { ...contact, ...stamps });
    }
  }
  forgetOrder(crm.deals, crm.contacts);
  return { firstId: String(first), lastId: String(first + bulk.count - 1) };
}

function dealOf(bulk: Bulk, id: string, nth: number): CrmDeal {
  const [from, to] = [Date.parse(bulk.closedFrom), Date.parse(bulk.closedTo)];
  const closedAt = from + Math.floor(((to - from) / bulk.count) * nth);
  const closed = new Date(closedAt).toISOString();
  const { owner } = acmeDeal;
  return {
    id,
    properties: {
      dealname: `Company ${id} – 12 months`,
      pipeline: bulk.pipeline,
      amount: String(10_000 + (nth % 90) * 1_000),
      deal_currency_code: 'USD',
      closedate: closed,
      ...stageProperties(bulk.stage),
      ...(owner === undefined ? {} : { hubspot_owner_id: owner.id }),
    },
    contacts: LABELS.slice(0, bulk.contacts).map((label, place) => ({ id: `${place + 2}${id}`, labels: [label] })),
    companyId: `1${id}`,
    history: [{ at: closed, property: 'dealstage', from: 'contractsent', to: bulk.stage, source: 'control' }],
    createdAt: new Date(closedAt - 30 * DAY_MS).toISOString(),
    updatedAt: closed,
  };
}

function domainOf(dealId: string): string {
  return `company-${dealId}.example`;
}
