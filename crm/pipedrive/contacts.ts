import { z } from 'zod';
import { orNothing } from '../or-nothing.ts';
import { type CrmContact, CrmError, type Deal } from '../port.ts';
import { eachPage, idSchema, type PipedriveApi } from './api.ts';
import { fetchDeal, given } from './deal.ts';
import type { PipedriveFields } from './fields.ts';

const emailsSchema = z
  .array(z.object({ value: z.string().nullish(), primary: z.boolean().nullish() }))
  .nullish()
  .catch(null);

/** A person in the words of either version of the API. */
export const personSchema = z.object({
  id: idSchema,
  name: z.string().nullish(),
  /** API v1 */
  email: emailsSchema,
  /** API v2 */
  emails: emailsSchema,
  label_ids: z.array(idSchema).nullish().catch(null),
  owner_id: idSchema.nullish().catch(null),
  org_id: idSchema.nullish().catch(null),
  job_title: z.string().nullish().catch(null),
  marketing_status: z.string().nullish(),
  /** API v1 */
  active_flag: z.boolean().nullish(),
  /** API v2 */
  is_deleted: z.boolean().nullish(),
});
type Person = z.infer<typeof personSchema>;

/** A participation; `person` is null when the person is gone. */
const participantSchema = z.object({ person: personSchema.nullish(), active_flag: z.boolean().nullish() });

const PAGE_SIZE = '100';
/** 1,000 participants: no deal of a kickoff has more. */
const MAX_PAGES = 10;

/**
 * The people of a deal: its person first, as primary, then its participants in Pipedrive's order; nobody twice.
 *
 * The labels are the people's own in Pipedrive ("Champion"): participants have none of the deal. The first e-mail is the
 * one marked primary. Opted out is `marketing_status` `unsubscribed` alone: `no_consent` is everybody's state before they
 * are asked, and says nothing about a meeting they bought. Companies without Campaigns have no such status. Pipedrive
 * knows no time zones of people.
 *
 * @throws CrmError
 */
export async function listPipedriveContacts(
  api: PipedriveApi,
  fields: PipedriveFields,
  dealId: Deal['id'],
  signal?: AbortSignal,
): Promise<CrmContact[]> {
  const { person_id: primaryId } = await fetchDeal(api, dealId, signal);
  const people = new Map<string, Person>();
  const call = {
    method: 'GET',
    path: `/v1/deals/${dealId}/participants`,
    query: { start: '0', limit: PAGE_SIZE },
    signal,
  } as const;
  for await (const page of eachPage(api, participantSchema, call, MAX_PAGES)) {
    for (const { person, active_flag } of page) {
      if (person !== null && person !== undefined && active_flag !== false && !people.has(person.id)) {
        people.set(person.id, person);
      }
    }
  }
  const isListed = typeof primaryId !== 'string' || people.has(primaryId);
  const missing = isListed ? undefined : await orNothing(readPerson(api, primaryId, signal));
  const present = [...(missing === undefined ? [] : [missing]), ...people.values()].filter(isThere);
  const sorted = [...present.filter(({ id }) => id === primaryId), ...present.filter(({ id }) => id !== primaryId)];
  const labels = sorted.some(({ label_ids }) => (label_ids ?? []).length > 0)
    ? await fields.personLabels(signal)
    : new Map<string, string>();
  return sorted.map((person) => contactOf(person, person.id === primaryId, labels));
}

/** `marketing_status` can be asked for only where the company has Campaigns; without it the person is still of use. */
export async function readPerson(api: PipedriveApi, personId: string, signal?: AbortSignal): Promise<Person> {
  const call = { method: 'GET', path: `/v2/persons/${encodeURIComponent(personId)}`, signal } as const;
  try {
    return await api.call(personSchema, { ...call, query: { include_fields: 'marketing_status' } });
  } catch (error) {
    if (error instanceof CrmError && (error.code === 'refused' || error.code === 'unauthorized')) {
      return await api.call(personSchema, call);
    }
    throw error;
  }
}

export function isThere({ active_flag, is_deleted }: Person): boolean {
  return active_flag !== false && is_deleted !== true;
}

function contactOf(person: Person, isPrimary: boolean, labels: Map<string, string>): CrmContact {
  const email = emailOf(person);
  const name = given(person.name);
  return {
    id: person.id,
    ...(email === undefined ? {} : { email }),
    ...(name === undefined ? {} : { name }),
    labels: (person.label_ids ?? []).map((id) => labels.get(id) ?? '').filter((label) => label !== ''),
    isPrimary,
    optedOut: person.marketing_status === 'unsubscribed',
  };
}

export function emailOf({ email, emails }: Person): string | undefined {
  const all = [...(emails ?? []), ...(email ?? [])].filter(({ value }) => given(value) !== undefined);
  const chosen = all.find(({ primary }) => primary === true) ?? all[0];
  return given(chosen?.value)?.toLowerCase();
}
