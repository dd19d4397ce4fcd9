import { z } from 'zod';
import { CrmError, type Deal } from '../port.ts';
import type { SalesforceApi } from './api.ts';
import { isMissingField } from './errors.ts';
import { parseRecordId } from './record-id.ts';

const FIELDS = [
  'Id',
  'Name',
  'StageName',
  'IsWon',
  'Amount',
  'CloseDate',
  'AccountId',
  'Account.Name',
  'Owner.Email',
  'Owner.Name',
  'Owner.TimeZoneSidKey',
];
/** Exists only in organizations with several currencies. */
const CURRENCY = 'CurrencyIsoCode';

const opportunitySchema = z.object({
  Id: z.string(),
  Name: z.string().nullish(),
  StageName: z.string().nullish(),
  IsWon: z.boolean(),
  Amount: z.number().nullish(),
  CurrencyIsoCode: z.string().nullish(),
  CloseDate: z.string().nullish(),
  AccountId: z.string().nullish(),
  Account: z.object({ Name: z.string().nullish() }).nullish(),
  Owner: z
    .object({ Email: z.string().nullish(), Name: z.string().nullish(), TimeZoneSidKey: z.string().nullish() })
    .nullish(),
});
type Opportunity = z.infer<typeof opportunitySchema>;

/** Reads one Opportunity. */
export type ReadOpportunity = (dealId: string, signal?: AbortSignal) => Promise<Deal>;

/**
 * Makes the function that reads an Opportunity as it is now, with its account and its owner.
 *
 * Won is what `IsWon` says: stages are each organization's own. An Opportunity without an account is its own account.
 * Whether the organization has several currencies is found out once. Salesforce has no pipelines, so the deal has none.
 *
 * The function throws CrmError `not_found` when there is no such Opportunity, also for what is no id of Salesforce.
 */
export function createReadOpportunity(api: SalesforceApi): ReadOpportunity {
  let hasCurrency = true;
  return async (dealId, signal) => {
    const id = requireRecordId(dealId);
    const read = () => {
      const fields = hasCurrency ? [...FIELDS, CURRENCY] : FIELDS;
      return api.query(opportunitySchema, `SELECT ${fields.join(', ')} FROM Opportunity WHERE Id = '${id}'`, signal);
    };
    const [opportunity] = await read().catch((error: unknown) => {
      if (!isMissingField(error, CURRENCY)) {
        throw error;
      }
      hasCurrency = false;
      return read();
    });
    if (opportunity === undefined) {
      throw new CrmError('not_found', `Salesforce has no Opportunity ${id}, or the connected user may not see it.`);
    }
    return dealOf(opportunity, id, api.recordUrl('Opportunity', id));
  };
}

/** The id in its form of 18 characters. @throws CrmError `not_found` for what cannot be one */
export function requireRecordId(dealId: string): string {
  const id = parseRecordId(dealId);
  if (id === undefined) {
    throw new CrmError(
      'not_found',
      `${JSON.stringify(dealId.slice(0, 40))} is no Salesforce id: give the 15 or 18 characters of an Opportunity's.`,
    );
  }
  return id;
}

function dealOf(opportunity: Opportunity, id: string, url: string | undefined): Deal {
  const name = given(opportunity.Name) ?? `Opportunity ${id}`;
  const stage = given(opportunity.StageName);
  const currency = given(opportunity.CurrencyIsoCode);
  const closedAt = given(opportunity.CloseDate);
  const owner = ownerOf(opportunity.Owner);
  const accountId = given(opportunity.AccountId);
  return {
    id,
    crm: 'salesforce',
    name,
    account:
      accountId === undefined
        ? { id: `deal-${id}`, name }
        : { id: accountId, name: given(opportunity.Account?.Name) ?? name },
    isWon: opportunity.IsWon,
    ...(stage === undefined ? {} : { stage }),
    ...(typeof opportunity.Amount === 'number' ? { amount: opportunity.Amount } : {}),
    ...(currency === undefined ? {} : { currency }),
    ...(closedAt === undefined ? {} : { closedAt }),
    ...(owner === undefined ? {} : { owner }),
    ...(url === undefined ? {} : { url }),
  };
}

export function ownerOf(
  owner:
    | {
        Email?: string | null | undefined;
        Name?: string | null | undefined;
        TimeZoneSidKey?: string | null | undefined;
      }
    | null
    | undefined,
): Deal['owner'] {
  const email = given(owner?.Email);
  if (email === undefined) {
    return undefined;
  }
  const name = given(owner?.Name);
  const timezone = given(owner?.TimeZoneSidKey);
  return {
    email: email.toLowerCase(),
    ...(name === undefined ? {} : { name }),
    ...(timezone === undefined || !isZone(timezone) ? {} : { timezone }),
  };
}

/** Salesforce's keys of time zones are IANA's names; one that this machine does not know is left out. */
function isZone(timezone: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: timezone }) !== undefined;
  } catch {
    return false;
  }
}

export function given(value: string | null | undefined): string | undefined {
  return value === null || value === undefined || value.trim() === '' ? undefined : value.trim();
}
