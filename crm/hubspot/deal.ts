import { z } from 'zod';
import { orNothing } from '../or-nothing.ts';
import type { Deal } from '../port.ts';
import type { HubSpotApi } from './api.ts';
import { associatedWith } from './associations.ts';
import { MOST_MERGED_IDS, mergedIdsOf } from './merged-ids.ts';

const DEAL_PROPERTIES = [
  'dealname',
  'dealstage',
  'pipeline',
  'amount',
  'closedate',
  'deal_currency_code',
  'hubspot_owner_id',
  'hs_is_closed_won',
  'hs_merged_object_ids',
];

/** HubSpot gives every property as text, and null where there is none. */
const propertiesSchema = z.record(z.string(), z.string().nullable());
const objectSchema = z.object({
  id: z.union([z.int(), z.string().min(1)]).transform(String),
  properties: propertiesSchema,
  url: z.string().optional(),
});
const ownerSchema = z.object({
  email: z.string().nullish(),
  firstName: z.string().nullish(),
  lastName: z.string().nullish(),
});

/**
 * Reads a deal as it is now, with its owner and its primary company.
 *
 * Won is what `hs_is_closed_won` says: stage ids are each portal's own. A deal without a company is its own account.
 * For the id of a deal that was merged away HubSpot answers the deal that came of it, under that deal's own id; the one that
 * was asked for is then among its `mergedIds`.
 *
 * @param portalId for the link to the deal, where HubSpot's answer carries none
 * @throws CrmError `not_found` when HubSpot has no such deal
 */
export async function readHubSpotDeal(
  api: HubSpotApi,
  dealId: string,
  portalId: string | undefined,
  signal?: AbortSignal,
): Promise<Deal> {
  const { id, properties, url } = await api.call(objectSchema, {
    method: 'GET',
    path: `/0-3/${encodeURIComponent(dealId)}`,
    query: { properties: DEAL_PROPERTIES.join(',') },
    signal,
  });
  const name = given(properties.dealname) ?? `Deal ${id}`;
  const [account, owner] = await Promise.all([
    readAccount(api, id, name, signal),
    readOwner(api, given(properties.hubspot_owner_id), signal),
  ]);
  const stage = given(properties.dealstage);
  const pipeline = given(properties.pipeline);
  const currency = given(properties.deal_currency_code);
  const closedAt = given(properties.closedate);
  const amount = Number(given(properties.amount) ?? Number.NaN);
  const link = url ?? recordUrl(portalId, '0-3', id);
  const merged = mergedIdsOf(properties.hs_merged_object_ids);
  const mergedIds = id === dealId || merged.includes(dealId) ? merged : [...merged.slice(1 - MOST_MERGED_IDS), dealId];
  return {
    id,
    crm: 'hubspot',
    name,
    account,
    isWon: properties.hs_is_closed_won === 'true',
    ...(stage === undefined ? {} : { stage }),
    ...(pipeline === undefined ? {} : { pipeline }),
    ...(Number.isFinite(amount) ? { amount } : {}),
    ...(currency === undefined ? {} : { currency }),
    ...(closedAt === undefined ? {} : { closedAt }),
    ...(owner === undefined ? {} : { owner }),
    ...(link === undefined ? {} : { url: link }),
    ...(mergedIds.length === 0 ? {} : { mergedIds }),
  };
}

/** The page of a deal (`0-3`) or contact (`0-1`) in HubSpot, when the portal is known. */
export function recordUrl(portalId: string | undefined, type: '0-3' | '0-1', id: string): string | undefined {
  return portalId === undefined ? undefined : `https://app.hubspot.com/contacts/${portalId}/record/${type}/${id}`;
}

async function readAccount(api: HubSpotApi, dealId: string, dealName: string, signal?: AbortSignal) {
  const companies = await associatedWith(api, { of: 'deals', id: dealId }, 'companies', signal);
  const chosen = companies.find(({ labels }) => labels.includes('Primary')) ?? companies[0];
  if (chosen === undefined) {
    return { id: `deal-${dealId}`, name: dealName };
  }
  const company = await orNothing(
    api.call(objectSchema, {
      method: 'GET',
      path: `/companies/${encodeURIComponent(chosen.id)}`,
      query: { properties: 'name,domain' },
      signal,
    }),
  );
  const name = given(company?.properties.name) ?? given(company?.properties.domain) ?? dealName;
  return { id: chosen.id, name };
}

/** A deal's or contact's owner; undefined when there is none, or one without an address. @throws CrmError */
export async function readOwner(
  api: HubSpotApi,
  ownerId: string | undefined,
  signal?: AbortSignal,
): Promise<Deal['owner']> {
  if (ownerId === undefined) {
    return undefined;
  }
  const owner = await orNothing(
    api.call(ownerSchema, { method: 'GET', family: 'owners', path: `/${encodeURIComponent(ownerId)}`, signal }),
  );
  const email = given(owner?.email);
  if (email === undefined) {
    return undefined;
  }
  const name = [given(owner?.firstName), given(owner?.lastName)].filter((part) => part !== undefined).join(' ');
  return { email: email.toLowerCase(), ...(name === '' ? {} : { name }) };
}

export function given(value: string | null | undefined): string | undefined {
  return value === null || value === undefined || value.trim() === '' ? undefined : value.trim();
}
