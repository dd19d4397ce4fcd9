import type { CrmObject } from '../state/schema.ts';
import { propertyOf } from './deals.ts';

/** What HubSpot answers when no properties are asked for. */
const DEFAULT_PROPERTIES = {
  deal: ['amount', 'closedate', 'dealname', 'dealstage', 'pipeline'],
  contact: ['email', 'firstname', 'lastname'],
  company: ['name', 'domain'],
  engagement: ['hs_timestamp'],
  meeting: ['hs_meeting_title', 'hs_meeting_start_time'],
} as const;

/** An object as HubSpot answers it: the properties asked for, null where there is none, and the three that always come. */
export function objectView(object: CrmObject, kind: keyof typeof DEFAULT_PROPERTIES, asked: readonly string[]) {
  const names = asked.length === 0 ? DEFAULT_PROPERTIES[kind] : asked;
  const chosen = names.map((name): [string, string | null] => [name, propertyOf(object.properties, name)]);
  return {
    id: object.id,
    properties: {
      ...Object.fromEntries(chosen),
      createdate: object.createdAt,
      hs_lastmodifieddate: object.updatedAt,
      hs_object_id: object.id,
    },
    createdAt: object.createdAt,
    updatedAt: object.updatedAt,
    archived: false,
  };
}

/** HubSpot's own association types between a deal and the rest, seen from the deal; and between a contact and the rest. */
const TYPE_FROM = {
  deal: { contacts: 3, companies: 5, notes: 213, tasks: 215 },
  contact: { notes: 201, tasks: 203, meetings: 199 },
} as const;
export type AssociatedKind = keyof typeof TYPE_FROM.deal;

/** The portal's own labels get type ids of their own. */
const FIRST_LABEL_TYPE = 36;

/** One association of a contact, which has no labels. */
export function contactAssociationView(kind: keyof typeof TYPE_FROM.contact, toId: string) {
  const type = { category: 'HUBSPOT_DEFINED', typeId: TYPE_FROM.contact[kind], label: null };
  return { toObjectId: Number(toId), associationTypes: [type] };
}

/** One association of a deal, with the portal's labels. */
export function associationView(kind: AssociatedKind, toId: string, labels: readonly string[]) {
  const unlabelled = { category: 'HUBSPOT_DEFINED', typeId: TYPE_FROM.deal[kind], label: null };
  const labelled = labels.map((label) =>
    label === 'Primary'
      ? { category: 'HUBSPOT_DEFINED', typeId: TYPE_FROM.deal[kind], label }
      : { category: 'USER_DEFINED', typeId: FIRST_LABEL_TYPE + (label.length % 20), label },
  );
  const primary = labelled.some(({ label }) => label === 'Primary');
  return { toObjectId: Number(toId), associationTypes: [...(primary ? [] : [unlabelled]), ...labelled] };
}
