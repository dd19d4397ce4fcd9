import { HubspotError } from '../errors.ts';
import type { CrmDeal, State } from '../state/schema.ts';
import type { Workspace } from '../workspace.ts';
import { propertyOf } from './deals.ts';
import { moveEngagements } from './engagements.ts';
import { stageProperties } from './put-deal.ts';
import { forgetOrder } from './record-order.ts';

/** Ids of deals that come of a merge; far above those that fixtures use. */
const FIRST_MERGED_ID = 60_000_000_000;

/** The deal under this id: of one that was merged away, the one that came of it. */
export function dealUnder(crm: State['crm'], id: string): CrmDeal | undefined {
  let current = id;
  for (;;) {
    const deal = crm.deals.get(current);
    if (deal !== undefined) return deal;
    const into = crm.merged.get(current)?.into;
    if (into === undefined) return undefined;
    current = into;
  }
}

/** What a merge tells the webhook, beside what every event has. */
export interface Merge {
  primaryObjectId: string;
  mergedObjectIds: string[];
  newObjectId: string;
  numberOfPropertiesMoved: number;
}

/**
 * Merges two deals as HubSpot does: a new one is made of both, with the primary's values where both have one, with both their
 * histories and associations. The old ones are gone, and their ids lead to the new one.
 *
 * @throws HubspotError 400 for a deal and itself, 404 for one that there is not
 */
export function mergeDeals(
  workspace: Workspace,
  primaryId: string,
  otherId: string,
  source: 'api' | 'control',
): { deal: CrmDeal; merge: Merge } {
  const { crm } = workspace.state;
  if (primaryId === otherId) {
    throw new HubspotError(400, 'VALIDATION_ERROR', `${primaryId} cannot be merged with itself.`);
  }
  const [primary, other] = [mergeable(crm, primaryId), mergeable(crm, otherId)];
  const moved = Object.keys(other.properties).filter((name) => propertyOf(primary.properties, name) === null);
  const mergedIds = [primary, other].flatMap((deal) => [...mergedInto(deal), deal.id]);
  const at = new Date(workspace.now()).toISOString();
  const deal: CrmDeal = {
    id: String(FIRST_MERGED_ID + workspace.count('merged deal')),
    properties: {
      ...other.properties,
      ...primary.properties,
      ...stageProperties(primary.properties.dealstage ?? ''),
      hs_merged_object_ids: mergedIds.join(';'),
    },
    contacts: [
      ...primary.contacts,
      ...other.contacts.filter(({ id }) => !primary.contacts.some((one) => one.id === id)),
    ],
    companyId: primary.companyId ?? other.companyId,
    history: [...other.history, ...primary.history].sort((a, b) => Date.parse(a.at) - Date.parse(b.at)),
    createdAt: [primary.createdAt, other.createdAt].sort()[0] ?? at,
    updatedAt: at,
  };
  for (const old of [primary, other]) {
    crm.deals.delete(old.id);
    crm.merged.set(old.id, { id: old.id, into: deal.id });
    moveEngagements(crm, old.id, deal.id);
  }
  crm.deals.set(deal.id, deal);
  forgetOrder(crm.deals);
  const text = `${primary.id} and ${other.id} became ${deal.id}`;
  const event = { type: 'crm', at: workspace.isoNow(), action: 'merge', dealId: deal.id, objectId: deal.id } as const;
  workspace.emit({ ...event, text, source });
  const merge = { primaryObjectId: primary.id, mergedObjectIds: [other.id], newObjectId: deal.id };
  return { deal, merge: { ...merge, numberOfPropertiesMoved: moved.length } };
}

/** Takes a deal out. Its id leads nowhere from then on. */
export function deleteDeal(workspace: Workspace, deal: CrmDeal): void {
  const { deals } = workspace.state.crm;
  deals.delete(deal.id);
  forgetOrder(deals);
  const event = {
    type: 'crm',
    at: workspace.isoNow(),
    action: 'deletion',
    dealId: deal.id,
    objectId: deal.id,
  } as const;
  workspace.emit({ ...event, text: deal.properties.dealname ?? '', source: 'control' });
}

function mergeable(crm: State['crm'], id: string): CrmDeal {
  const deal = crm.deals.get(id);
  if (deal === undefined) throw new HubspotError(404, 'OBJECT_NOT_FOUND', `There is no deal ${id} to be merged.`);
  return deal;
}

function mergedInto({ properties }: CrmDeal): string[] {
  return (properties.hs_merged_object_ids ?? '').split(';').filter((id) => id !== '');
}
