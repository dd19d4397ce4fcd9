import { z } from 'zod';
import type { CrmWrite, CrmWriteResult } from '../port.ts';
import { referenceOf } from '../reference.ts';
import type { HubSpotApi } from './api.ts';
import { associatedWith, readBatch } from './associations.ts';
import { recordUrl } from './deal.ts';

/** What is written to. */
export type HubSpotTarget = 'deals' | 'contacts';

export interface HubSpotWriteOptions {
  of: HubSpotTarget;
  /** The property that takes the status. */
  statusProperty: string;
  portalId: string | undefined;
  now: () => Date;
}

/** Object types, and HubSpot's own association types: https://developers.hubspot.com, "Association type IDs". */
const TARGETS = {
  deals: { type: '0-3', notes: 214, tasks: 216 },
  contacts: { type: '0-1', notes: 202, tasks: 204 },
} as const;
/** HubSpot's limit for a note's text. */
const MAX_NOTE_LENGTH = 65_536;

const createdSchema = z.object({ id: z.union([z.int(), z.string().min(1)]).transform(String) });
/** What the record is known by now, and whose it is. */
const targetSchema = z.object({
  id: z.union([z.int(), z.string().min(1)]).transform(String),
  properties: z.record(z.string(), z.string().nullable()),
  url: z.string().optional(),
});
type Target = z.infer<typeof targetSchema>;
/** An answer without the record's id is as good as any: what counts is that the write was taken. */
const writtenSchema = z.object({ url: z.string().optional().catch(undefined) }).catch({ url: undefined });

/**
 * Writes status, properties, note and task to a deal or a contact.
 *
 * HubSpot takes no idempotency key, so a note and a task carry a reference made from the write's marker, and one that is
 * already there is found again: a repeat after a lost answer makes no second one.
 *
 * @throws CrmError `refused` when the portal's own rules forbid the write
 */
export async function writeToHubSpot(
  api: HubSpotApi,
  recordId: string,
  write: CrmWrite,
  options: HubSpotWriteOptions,
  signal?: AbortSignal,
): Promise<CrmWriteResult> {
  const properties = {
    ...write.properties,
    ...(write.status === undefined ? {} : { [options.statusProperty]: write.status }),
  };
  let url: string | undefined;
  if (Object.keys(properties).length > 0) {
    const path = pathOf(recordId, options);
    url = (await api.call(writtenSchema, { method: 'PATCH', path, body: { properties }, signal })).url;
  }
  const reference = referenceOf(write.marker);
  let noteId: string | undefined;
  let taskId: string | undefined;
  if (write.note !== undefined || write.task !== undefined) {
    const target = await readTarget(api, recordId, options, signal);
    url ??= target.url;
    if (write.note !== undefined) {
      noteId = await writeNote(api, target, write.note, reference, options, signal);
    }
    if (write.task !== undefined) {
      taskId = await writeTask(api, target, write.task, reference, options, signal);
    }
  }
  url ??= recordUrl(options.portalId, TARGETS[options.of].type, recordId);
  return {
    ...(noteId === undefined ? {} : { noteId }),
    ...(taskId === undefined ? {} : { taskId }),
    ...(url === undefined ? {} : { url }),
  };
}

async function writeNote(
  api: HubSpotApi,
  target: Target,
  note: string,
  reference: string,
  options: HubSpotWriteOptions,
  signal?: AbortSignal,
): Promise<string> {
  const existing = await findByReference(api, target, options, 'notes', reference, signal);
  return (
    existing ??
    create(
      api,
      target,
      options,
      'notes',
      {
        hs_timestamp: options.now().toISOString(),
        hs_note_body: bodyWithReference(note, reference),
      },
      signal,
    )
  );
}

async function writeTask(
  api: HubSpotApi,
  target: Target,
  task: NonNullable<CrmWrite['task']>,
  reference: string,
  options: HubSpotWriteOptions,
  signal?: AbortSignal,
): Promise<string> {
  const existing = await findByReference(api, target, options, 'tasks', reference, signal);
  if (existing !== undefined) {
    return existing;
  }
  // A task nobody owns is seen by nobody: it goes to the record's owner.
  const owner = target.properties.hubspot_owner_id ?? '';
  return create(
    api,
    target,
    options,
    'tasks',
    {
      hs_timestamp: task.dueAt ?? options.now().toISOString(),
      hs_task_subject: task.subject,
      hs_task_body: bodyWithReference(task.body ?? '', reference),
      hs_task_status: 'NOT_STARTED',
      hs_task_type: 'TODO',
      ...(owner === '' ? {} : { hubspot_owner_id: owner }),
    },
    signal,
  );
}

async function findByReference(
  api: HubSpotApi,
  { id }: Target,
  { of }: HubSpotWriteOptions,
  kind: 'notes' | 'tasks',
  reference: string,
  signal?: AbortSignal,
): Promise<string | undefined> {
  const property = kind === 'notes' ? 'hs_note_body' : 'hs_task_body';
  const ids = (await associatedWith(api, { of, id }, kind, signal)).map((associated) => associated.id);
  const records = await readBatch(api, kind, ids, [property], signal);
  return records.find(({ properties }) => properties[property]?.includes(reference))?.id;
}

/**
 * The record that notes and tasks go to. Of one that was merged away HubSpot shows no associations: a note would not be found
 * again under its id, and be made twice.
 */
async function readTarget(
  api: HubSpotApi,
  recordId: string,
  options: HubSpotWriteOptions,
  signal?: AbortSignal,
): Promise<Target> {
  return api.call(targetSchema, {
    method: 'GET',
    path: pathOf(recordId, options),
    query: { properties: 'hubspot_owner_id' },
    signal,
  });
}

function pathOf(recordId: string, { of }: HubSpotWriteOptions): string {
  return `/${TARGETS[of].type}/${encodeURIComponent(recordId)}`;
}

async function create(
  api: HubSpotApi,
  target: Target,
  { of }: HubSpotWriteOptions,
  kind: 'notes' | 'tasks',
  properties: Record<string, string>,
  signal?: AbortSignal,
): Promise<string> {
  const type = { associationCategory: 'HUBSPOT_DEFINED', associationTypeId: TARGETS[of][kind] };
  const { id } = await api.call(createdSchema, {
    method: 'POST',
    path: `/${kind}`,
    body: { properties, associations: [{ to: { id: target.id }, types: [type] }] },
    signal,
  });
  return id;
}

/** HubSpot shows these texts as HTML. */
function bodyWithReference(text: string, reference: string): string {
  const ending = `Ref: ${reference}`;
  const html = text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('\n', '<br>')
    .slice(0, MAX_NOTE_LENGTH - ending.length - '<br>'.length);
  return html === '' ? ending : `${html}<br>${ending}`;
}
