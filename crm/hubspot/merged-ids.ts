/** The port's limit. HubSpot lets a record take part in up to 250 merges. */
export const MOST_MERGED_IDS = 100;

/** The ids in `hs_merged_object_ids`: the records that were merged into this one, as HubSpot writes several values. */
export function mergedIdsOf(value: string | null | undefined): string[] {
  const ids = (value ?? '')
    .split(';')
    .map((id) => id.trim())
    .filter((id) => /^\d{1,20}$/.test(id));
  return [...new Set(ids)].slice(-MOST_MERGED_IDS);
}
