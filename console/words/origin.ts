import type { Origin } from '../../workflows/messages.ts';

const KINDS: Record<Origin['kind'], string> = {
  hubspot: 'HubSpot',
  salesforce: 'Salesforce',
  pipedrive: 'Pipedrive',
  deal: 'the deal trigger',
  manual: 'a person',
  backfill: 'the backfill',
};

/** What started a kickoff, in words: of a person who, of a backfill which one. */
export function originWords(origin: { kind: string; reference: string }): string {
  const kind = isKind(origin.kind) ? KINDS[origin.kind] : origin.kind;
  return origin.reference === '' || isTransition(origin) ? kind : `${kind} (${origin.reference})`;
}

/** Whether its reference is the key of an event: of use to those who look for it, and no words. */
export function isTransition({ kind }: { kind: string }): boolean {
  return kind !== 'manual' && kind !== 'backfill';
}

function isKind(kind: string): kind is Origin['kind'] {
  return Object.hasOwn(KINDS, kind);
}
