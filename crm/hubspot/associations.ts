import { z } from 'zod';
import type { HubSpotApi } from './api.ts';

const idSchema = z.union([z.int(), z.string().min(1)]).transform(String);

const associationPageSchema = z.object({
  results: z.array(
    z.object({
      toObjectId: idSchema,
      associationTypes: z.array(z.object({ label: z.string().nullish() })).default([]),
    }),
  ),
  paging: z.object({ next: z.object({ after: z.string().min(1) }).optional() }).nullish(),
});

export interface Association {
  id: string;
  /** The portal's own words for the relation; unlabelled ones have none. */
  labels: string[];
}

const PAGE_SIZE = 500;
/** 5,000 associations: no record of ours has more, and nothing is read without end. */
const MAX_PAGES = 10;

/** What associations are looked up from. */
export interface Associating {
  of: 'deals' | 'contacts';
  id: string;
}

/** Everything of one kind that is associated with a record, in HubSpot's order. @throws CrmError */
export async function associatedWith(
  api: HubSpotApi,
  { of, id }: Associating,
  kind: 'contacts' | 'companies' | 'notes' | 'tasks' | 'meetings',
  signal?: AbortSignal,
): Promise<Association[]> {
  const found: Association[] = [];
  let after: string | undefined;
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const answer = await api.call(associationPageSchema, {
      method: 'GET',
      path: `/${of}/${encodeURIComponent(id)}/associations/${kind}`,
      query: { limit: String(PAGE_SIZE), ...(after === undefined ? {} : { after }) },
      signal,
    });
    for (const { toObjectId, associationTypes } of answer.results) {
      const labels = associationTypes.map(({ label }) => label ?? '').filter((label) => label !== '');
      found.push({ id: toObjectId, labels: [...new Set(labels)] });
    }
    after = answer.paging?.next?.after;
    if (after === undefined) {
      break;
    }
  }
  return found;
}

const recordSchema = z.object({ id: idSchema, properties: z.record(z.string(), z.string().nullable()) });
export type HubSpotRecord = z.infer<typeof recordSchema>;
const batchSchema = z.object({ results: z.array(recordSchema) });

/** HubSpot reads at most 100 records in one batch. */
const BATCH_SIZE = 100;

/**
 * The records with these ids; those that are gone are left out.
 *
 * @param idProperty the property that the ids are values of; left out: the record's own id
 * @throws CrmError
 */
export async function readBatch(
  api: HubSpotApi,
  kind: 'contacts' | 'notes' | 'tasks' | 'meetings',
  ids: string[],
  properties: string[],
  signal?: AbortSignal,
  idProperty?: 'email',
): Promise<HubSpotRecord[]> {
  const records: HubSpotRecord[] = [];
  for (let start = 0; start < ids.length; start += BATCH_SIZE) {
    const inputs = ids.slice(start, start + BATCH_SIZE).map((id) => ({ id }));
    const answer = await api.call(batchSchema, {
      method: 'POST',
      path: `/${kind}/batch/read`,
      body: { properties, inputs, ...(idProperty === undefined ? {} : { idProperty }) },
      signal,
    });
    records.push(...answer.results);
  }
  return records;
}
