import { z } from 'zod';
import { HubspotError } from '../errors.ts';
import type { Engagement, State } from '../state/schema.ts';
import type { Workspace } from '../workspace.ts';

const textsSchema = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]).transform(String));
export const propertiesBodySchema = z.looseObject({ properties: textsSchema });

export const engagementBodySchema = z.looseObject({
  properties: textsSchema,
  associations: z
    .array(
      z.looseObject({
        to: z.looseObject({ id: z.union([z.string(), z.int()]).transform(String) }),
        types: z
          .array(z.looseObject({ associationCategory: z.string(), associationTypeId: z.int() }))
          .min(1, 'An association needs a type'),
      }),
    )
    .default([]),
});
export type EngagementBody = z.infer<typeof engagementBodySchema>;

/** HubSpot's association types from a note or a task to a deal, and to a contact. */
const TYPE_TO_DEAL = { notes: 214, tasks: 216 } as const;
const TYPE_TO_CONTACT = { notes: 202, tasks: 204 } as const;
export type EngagementKind = keyof typeof TYPE_TO_DEAL;

const REQUIRED = { notes: ['hs_timestamp'], tasks: ['hs_timestamp'] } as const;
const TYPES_TO_OTHERS: Readonly<Record<EngagementKind, readonly number[]>> = { notes: [190], tasks: [192] };

/** Makes a note or a task. @throws HubspotError 400 as HubSpot refuses it */
export function makeEngagement(workspace: Workspace, kind: EngagementKind, body: EngagementBody): Engagement {
  const { crm } = workspace.state;
  const missing = REQUIRED[kind].filter((name) => (body.properties[name] ?? '') === '');
  if (missing.length > 0) {
    throw new HubspotError(
      400,
      'VALIDATION_ERROR',
      `Error creating ${kind.toUpperCase()}. Some required properties were not set: ${missing.join(', ')}.`,
    );
  }
  const associations = body.associations.flatMap(({ to, types }) =>
    types.map((type) => ({ toId: to.id, typeId: type.associationTypeId })),
  );
  for (const { toId, typeId } of associations) {
    const isMissing =
      (typeId === TYPE_TO_DEAL[kind] && !crm.deals.has(toId)) ||
      (typeId === TYPE_TO_CONTACT[kind] && !crm.contacts.has(toId));
    if (isMissing) {
      throw new HubspotError(
        400,
        'VALIDATION_ERROR',
        `Object with id ${toId} does not exist and cannot be associated.`,
      );
    }
    if (![TYPE_TO_DEAL[kind], TYPE_TO_CONTACT[kind], ...TYPES_TO_OTHERS[kind]].includes(typeId)) {
      throw new HubspotError(400, 'VALIDATION_ERROR', `${typeId} is not a valid association type for ${kind}.`);
    }
  }
  const at = new Date(workspace.now()).toISOString();
  const made: Engagement = {
    id: String((kind === 'notes' ? 81_000_000_000 : 82_000_000_000) + workspace.count(kind)),
    properties: body.properties,
    associations,
    createdAt: at,
    updatedAt: at,
  };
  const index = byRecord(crm, kind);
  crm[kind].set(made.id, made);
  const dealIds = associations.flatMap(({ toId, typeId }) => (typeId === TYPE_TO_DEAL[kind] ? [toId] : []));
  for (const key of keysOf(made, kind)) index.set(key, [...(index.get(key) ?? []), made]);
  for (const dealId of new Set(dealIds)) {
    // A deal counts its notes and tasks: each is a change of the deal.
    const deal = crm.deals.get(dealId);
    if (deal !== undefined) deal.updatedAt = at;
  }
  const [dealId] = dealIds;
  workspace.emit({
    type: 'crm',
    at: workspace.isoNow(),
    action: kind === 'notes' ? 'note' : 'task',
    ...(dealId === undefined ? {} : { dealId }),
    objectId: made.id,
    text: (kind === 'notes' ? made.properties.hs_note_body : made.properties.hs_task_subject) ?? '',
    source: 'api',
  });
  return made;
}

/** The notes or tasks of a deal or a contact, oldest first. */
export function engagementsOf(
  workspace: Workspace,
  kind: EngagementKind,
  id: string,
  of: 'deal' | 'contact' = 'deal',
): readonly Engagement[] {
  const type = of === 'deal' ? TYPE_TO_DEAL[kind] : TYPE_TO_CONTACT[kind];
  return byRecord(workspace.state.crm, kind).get(`${type}:${id}`) ?? [];
}

/** The notes and tasks of a deal that was merged away belong to the one that came of it. */
export function moveEngagements(crm: State['crm'], from: string, to: string): void {
  for (const kind of ['notes', 'tasks'] as const) {
    for (const { id } of byRecord(crm, kind).get(`${TYPE_TO_DEAL[kind]}:${from}`) ?? []) {
      for (const association of crm[kind].get(id)?.associations ?? []) {
        if (association.toId === from && association.typeId === TYPE_TO_DEAL[kind]) association.toId = to;
      }
    }
    indexes.delete(crm[kind]);
  }
}

/** By the association's type and the record's id. */
type ByRecord = Map<string, Engagement[]>;
/** Who looks for a deal's notes among ten thousand others asks for each of ten thousand deals. */
const indexes = new WeakMap<State['crm'][EngagementKind], ByRecord>();

function byRecord(crm: State['crm'], kind: EngagementKind): ByRecord {
  const kept = indexes.get(crm[kind]);
  if (kept !== undefined) return kept;
  const made: ByRecord = new Map();
  for (const engagement of crm[kind].values()) {
    for (const key of keysOf(engagement, kind)) made.set(key, [...(made.get(key) ?? []), engagement]);
  }
  indexes.set(crm[kind], made);
  return made;
}

function keysOf({ associations }: Engagement, kind: EngagementKind): Set<string> {
  const types: number[] = [TYPE_TO_DEAL[kind], TYPE_TO_CONTACT[kind]];
  const looked = associations.filter(({ typeId }) => types.includes(typeId));
  return new Set(looked.map(({ toId, typeId }) => `${typeId}:${toId}`));
}
