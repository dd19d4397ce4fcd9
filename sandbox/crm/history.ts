import type { CrmDeal } from '../state/schema.ts';
import { propertyOf } from './deals.ts';

/** The versions of a property as HubSpot answers them: the newest first, the last one with which the deal was made. */
export function versionsOf(deal: CrmDeal, property: string) {
  const changes = deal.history.filter((change) => change.property === property);
  const versions = changes.map(({ at, to, source }) => ({
    value: to,
    timestamp: new Date(at).toISOString(),
    sourceType: source === 'api' ? 'INTEGRATION' : 'CRM_UI',
  }));
  const first = changes.length === 0 ? propertyOf(deal.properties, property) : (changes[0]?.from ?? null);
  const made = first === null ? [] : [{ value: first, timestamp: deal.createdAt, sourceType: 'CRM_UI' }];
  return [...made, ...versions].reverse();
}
