import type { CrmContact } from '../port.ts';
import type { HubSpotApi } from './api.ts';
import { type Association, associatedWith, type HubSpotRecord, readBatch } from './associations.ts';
import { zoneOfHubSpot } from './timezone.ts';

const CONTACT_PROPERTIES = ['email', 'firstname', 'lastname', 'hs_timezone', 'hs_email_optout'];

/**
 * The contacts of a deal, in the order of their associations, with the labels of each association.
 *
 * A contact that is associated but gone is left out. `hs_email_optout` counts as opted out.
 *
 * @throws CrmError
 */
export async function listHubSpotContacts(
  api: HubSpotApi,
  dealId: string,
  signal?: AbortSignal,
): Promise<CrmContact[]> {
  const associations = await associatedWith(api, { of: 'deals', id: dealId }, 'contacts', signal);
  const ids = associations.map(({ id }) => id);
  const records = await readBatch(api, 'contacts', ids, CONTACT_PROPERTIES, signal);
  const byId = new Map(records.map((record) => [record.id, record]));
  return associations.flatMap((association) => {
    const record = byId.get(association.id);
    return record === undefined ? [] : [contactOf(association, record)];
  });
}

function contactOf({ id, labels }: Association, { properties }: HubSpotRecord): CrmContact {
  const email = properties.email?.trim().toLowerCase();
  const name = nameOf(properties);
  const timezone = zoneOfHubSpot(properties.hs_timezone);
  return {
    id,
    ...(email === undefined || email === '' ? {} : { email }),
    ...(name === '' ? {} : { name }),
    labels: labels.filter((label) => !isPrimaryLabel(label)),
    isPrimary: labels.some(isPrimaryLabel),
    ...(timezone === undefined ? {} : { timezone }),
    optedOut: properties.hs_email_optout === 'true',
  };
}

/** First and last name, as far as there are any; else an empty text. */
export function nameOf({ firstname, lastname }: HubSpotRecord['properties']): string {
  return [firstname, lastname]
    .map((part) => part?.trim() ?? '')
    .filter((part) => part !== '')
    .join(' ');
}

function isPrimaryLabel(label: string): boolean {
  return label.toLowerCase() === 'primary';
}
