import { z } from 'zod';
import { orNothing } from '../or-nothing.ts';
import { CrmError, type Deal } from '../port.ts';
import { idSchema, type PipedriveApi } from './api.ts';
import { instantOf } from './instant.ts';

const textSchema = z.string().nullish();

const dealSchema = z.object({
  id: idSchema,
  title: textSchema,
  status: textSchema,
  is_deleted: z.boolean().nullish(),
  value: z.union([z.number(), z.string()]).nullish(),
  currency: textSchema,
  pipeline_id: idSchema.nullish(),
  stage_id: idSchema.nullish(),
  owner_id: idSchema.nullish(),
  person_id: idSchema.nullish(),
  org_id: idSchema.nullish(),
  won_time: textSchema,
  close_time: textSchema,
});
/** A deal in the words of API v2. */
export type PipedriveDeal = z.infer<typeof dealSchema>;

const organizationSchema = z.object({ id: idSchema, name: textSchema });
const userSchema = z.object({ email: textSchema, name: textSchema, timezone_name: textSchema });

/**
 * Reads a deal's own record.
 *
 * @throws CrmError `not_found` when Pipedrive has no such deal, also when it is deleted: API v2 still gives those
 */
export async function fetchDeal(api: PipedriveApi, dealId: string, signal?: AbortSignal): Promise<PipedriveDeal> {
  const deal = await api.call(dealSchema, { method: 'GET', path: dealPath(dealId), signal });
  if (deal.is_deleted === true || deal.status === 'deleted') {
    throw new CrmError('not_found', `Deal ${dealId} is deleted in Pipedrive. Restore it there, or choose another.`);
  }
  return deal;
}

/**
 * Reads a deal as it is now, with its owner and its organization.
 *
 * Won is what `status` says: stages are each pipeline's own. A deal without an organization is its own account.
 *
 * @throws CrmError `not_found` when Pipedrive has no such deal
 */
export async function readPipedriveDeal(api: PipedriveApi, dealId: string, signal?: AbortSignal): Promise<Deal> {
  const deal = await fetchDeal(api, dealId, signal);
  const name = given(deal.title) ?? `Deal ${deal.id}`;
  const [account, owner] = await Promise.all([
    readAccount(api, deal, name, signal),
    readOwner(api, deal.owner_id, signal),
  ]);
  const amount = Number(given(String(deal.value ?? '')) ?? Number.NaN);
  const currency = given(deal.currency);
  const closedAt = instantOf(deal.won_time) ?? instantOf(deal.close_time);
  const url = recordUrl(api.baseUrl, 'deal', deal.id);
  return {
    id: deal.id,
    crm: 'pipedrive',
    name,
    account,
    isWon: deal.status === 'won',
    ...(typeof deal.stage_id === 'string' ? { stage: deal.stage_id } : {}),
    ...(typeof deal.pipeline_id === 'string' ? { pipeline: deal.pipeline_id } : {}),
    ...(Number.isFinite(amount) ? { amount } : {}),
    ...(currency === undefined ? {} : { currency }),
    ...(closedAt === undefined ? {} : { closedAt }),
    ...(owner === undefined ? {} : { owner }),
    ...(url === undefined ? {} : { url }),
  };
}

/** A deal's or person's page in Pipedrive, when the base URL names the company; `api.pipedrive.com` serves all of them. */
export function recordUrl(baseUrl: string, of: 'deal' | 'person', id: string): string | undefined {
  const company = /^https:\/\/([a-z0-9-]+)\.pipedrive\.com$/i.exec(baseUrl)?.[1];
  return company === undefined || company === 'api' ? undefined : `https://${company}.pipedrive.com/${of}/${id}`;
}

/** @throws CrmError `not_found` for what can be no deal's id, before it becomes a part of a path */
export function dealPath(dealId: string): `/v2/${string}` {
  if (!/^\d{1,16}$/.test(dealId)) {
    throw new CrmError('not_found', 'Pipedrive has no deal under this id: its ids are whole numbers.');
  }
  return `/v2/deals/${dealId}`;
}

export function given(value: string | null | undefined): string | undefined {
  return value === null || value === undefined || value.trim() === '' ? undefined : value.trim();
}

async function readAccount(api: PipedriveApi, deal: PipedriveDeal, dealName: string, signal?: AbortSignal) {
  if (typeof deal.org_id !== 'string') {
    return { id: `deal-${deal.id}`, name: dealName };
  }
  return { id: deal.org_id, name: (await readOrganizationName(api, deal.org_id, signal)) ?? dealName };
}

/** @returns undefined for one that is gone or has no name */
export async function readOrganizationName(
  api: PipedriveApi,
  id: string,
  signal?: AbortSignal,
): Promise<string | undefined> {
  const path = `/v2/organizations/${encodeURIComponent(id)}` as const;
  return given((await orNothing(api.call(organizationSchema, { method: 'GET', path, signal })))?.name);
}

export async function readOwner(
  api: PipedriveApi,
  ownerId: string | null | undefined,
  signal?: AbortSignal,
): Promise<Deal['owner']> {
  if (ownerId === null || ownerId === undefined) {
    return undefined;
  }
  const path = `/v1/users/${encodeURIComponent(ownerId)}` as const;
  const user = await orNothing(api.call(userSchema, { method: 'GET', path, signal }));
  const email = given(user?.email);
  if (email === undefined) {
    return undefined;
  }
  const name = given(user?.name);
  const timezone = zoneOf(given(user?.timezone_name));
  return {
    email: email.toLowerCase(),
    ...(name === undefined ? {} : { name }),
    ...(timezone === undefined ? {} : { timezone }),
  };
}

/** Pipedrive gives IANA names; one that this platform does not know is of no use to anybody. */
function zoneOf(name: string | undefined): string | undefined {
  if (name === undefined || !/^[A-Za-z]/.test(name)) {
    return undefined;
  }
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone;
  } catch (error) {
    if (error instanceof RangeError) {
      return undefined;
    }
    throw error;
  }
}
