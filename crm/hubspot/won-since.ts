import { z } from 'zod';
import type { HubSpotApi } from './api.ts';

/** "The maximum number of inputs supported in a batch request for property histories is 50", HubSpot says otherwise. */
const HISTORY_BATCH_SIZE = 50;

const versionSchema = z.object({ value: z.string().nullish(), timestamp: z.string().min(1) });
const historySchema = z.object({
  results: z.array(
    z.object({
      id: z.union([z.int(), z.string().min(1)]).transform(String),
      properties: z.record(z.string(), z.string().nullable()),
      createdAt: z.string().optional(),
      propertiesWithHistory: z.object({ dealstage: z.array(versionSchema).default([]) }).nullish(),
    }),
  ),
});

/**
 * Since when each of these deals is at the stage it is at, as ISO 8601 instants by id.
 *
 * Search results lag behind: a deal that is gone by now, or is not won any more, is left out.
 *
 * @throws CrmError
 */
export async function readWonSince(
  api: HubSpotApi,
  ids: readonly string[],
  signal?: AbortSignal,
): Promise<Map<string, string>> {
  const wonSince = new Map<string, string>();
  for (let start = 0; start < ids.length; start += HISTORY_BATCH_SIZE) {
    const { results } = await api.call(historySchema, {
      method: 'POST',
      path: '/0-3/batch/read',
      body: {
        properties: ['hs_is_closed_won', 'dealstage', 'createdate'],
        propertiesWithHistory: ['dealstage'],
        inputs: ids.slice(start, start + HISTORY_BATCH_SIZE).map((id) => ({ id })),
      },
      signal,
    });
    for (const { id, properties, propertiesWithHistory, createdAt } of results) {
      if (properties.hs_is_closed_won !== 'true') {
        continue;
      }
      const since =
        stageSince(properties.dealstage, propertiesWithHistory?.dealstage ?? []) ?? properties.createdate ?? createdAt;
      if (since !== undefined) {
        wonSince.set(id, since);
      }
    }
  }
  return wonSince;
}

/**
 * When the deal came to its present stage. The same value written once more, by an import or another app, is a version of its
 * own and no transition. The history of merged deals is one list, in which the newest version may be the other deal's.
 */
function stageSince(
  stage: string | null | undefined,
  versions: readonly z.infer<typeof versionSchema>[],
): string | undefined {
  const newestFirst = versions.toSorted((a, b) => Date.parse(b.timestamp) - Date.parse(a.timestamp));
  const start = newestFirst.findIndex(({ value }) => value === stage);
  const run = newestFirst.slice(Math.max(start, 0));
  const end = run.findIndex(({ value }) => value !== run[0]?.value);
  return (end === -1 ? run.at(-1) : run[end - 1])?.timestamp;
}
