import { HubspotError } from '../errors.ts';
import type { CrmDeal } from '../state/schema.ts';
import type { Workspace } from '../workspace.ts';
import { stageProperties } from './put-deal.ts';

/** What HubSpot computes itself. */
const READ_ONLY = new Set([
  'hs_is_closed',
  'hs_is_closed_won',
  'hs_object_id',
  'hs_lastmodifieddate',
  'hs_merged_object_ids',
  'createdate',
]);

/**
 * Changes a deal's properties and keeps their history.
 *
 * @param source who changes them: a call to the API, or the sandbox's own control
 * @returns the properties that are different now
 * @throws HubspotError 400 for a property that HubSpot computes itself
 */
export function changeDeal(
  workspace: Workspace,
  deal: CrmDeal,
  change: Readonly<Record<string, string>>,
  source: 'api' | 'control',
): string[] {
  const readOnly = Object.keys(change).filter((name) => READ_ONLY.has(name));
  if (readOnly.length > 0) {
    const message = `Property values were not valid: ${readOnly.map((name) => `"${name}" is a read only property`).join('; ')}`;
    throw new HubspotError(400, 'VALIDATION_ERROR', message);
  }
  const at = workspace.isoNow();
  const changed = Object.entries(change).filter(([name, to]) => propertyOf(deal.properties, name) !== to);
  for (const [property, to] of changed) {
    deal.history.push({ at, property, from: propertyOf(deal.properties, property), to, source });
    deal.properties[property] = to;
    if (property === 'dealstage') Object.assign(deal.properties, stageProperties(to));
  }
  if (changed.length > 0) {
    deal.updatedAt = new Date(workspace.now()).toISOString();
    const text = changed.map(([name, to]) => `${name} = ${to}`).join(', ');
    workspace.emit({ type: 'crm', at, action: 'properties', dealId: deal.id, objectId: deal.id, text, source });
  }
  return changed.map(([name]) => name);
}

/** A property's value; null when it has none. */
export function propertyOf(properties: Readonly<Record<string, string>>, name: string): string | null {
  return Object.hasOwn(properties, name) ? (properties[name] ?? null) : null;
}
