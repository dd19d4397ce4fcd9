import type { Origin } from '../../workflows/messages.ts';

const KINDS: Record<Origin['kind'], string> = {
  hubspot: 'HubSpot',
  salesforce: 'Salesforce',
  pipedrive: 'Pipedrive',
  deal: 'the deal trigger',
  manual: 'a person',
  backfill: 'the backfill',
};

/** What started a kickoff, in words. */
export function originWords(origin: { kind: string; reference: string }): string {
  const kind = isKind(origin.kind) ? KINDS[origin.kind] : origin.kind;
  return origin.reference === '' ? kind : `${kind} (${origin.reference})`;
}

function isKind(kind: string): kind is Origin['kind'] {
  return Object.hasOwn(KINDS, kind);
}
