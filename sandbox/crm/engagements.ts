import { z } from 'zod';
import { HubspotError } from '../errors.ts';
import type { Engagement } from '../state/schema.ts';
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

/** HubSpot's association types from a note or a task to a deal. */
export const TYPE_TO_DEAL = { notes: 214, tasks: 216 } as const;
export type EngagementKind = keyof typeof TYPE_TO_DEAL;

const REQUIRED = { notes: ['hs_timestamp'], tasks: ['hs_timestamp'] } as const;
const TYPES_TO_OTHERS: Readonly<Record<EngagementKind, readonly number[]>> = { notes: [202, 190], tasks: [204, 192] };

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
    if (typeId === TYPE_TO_DEAL[kind] && !crm.deals.has(toId)) {
      throw new HubspotError(
        400,
        'VALIDATION_ERROR',
        `Object with id ${toId} does not exist and cannot be associated.`,
      );
    }
    if (typeId !== TYPE_TO_DEAL[kind] && !TYPES_TO_OTHERS[kind].includes(typeId)) {
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
  crm[kind].set(made.id, made);
  const dealId = associations.find(({ typeId }) => typeId === TYPE_TO_DEAL[kind])?.toId;
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

/** The notes or tasks of a deal, oldest first. */
export function engagementsOf(workspace: Workspace, kind: EngagementKind, dealId: string): Engagement[] {
  const all = [...workspace.state.crm[kind].values()];
  return all.filter(({ associations }) =>
    associations.some(({ toId, typeId }) => toId === dealId && typeId === TYPE_TO_DEAL[kind]),
  );
}
