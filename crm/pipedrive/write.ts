import { z } from 'zod';
import { CrmError, type CrmWrite, type CrmWriteResult } from '../port.ts';
import { referenceOf } from '../reference.ts';
import { eachPage, idSchema, type PipedriveApi } from './api.ts';
import { readPerson } from './contacts.ts';
import { dealPath, fetchDeal, recordUrl } from './deal.ts';
import type { PipedriveFields, PipedriveTarget } from './fields.ts';
import { instantOf } from './instant.ts';

export interface PipedriveWriteOptions {
  of: PipedriveTarget;
  /** The field that takes the status, by key or name; none: the status becomes a line of a note. */
  statusField: string | undefined;
  now: () => Date;
}

const createdSchema = z.object({ id: idSchema });
const noteSchema = z.object({ id: idSchema, content: z.string().nullish(), active_flag: z.boolean().nullish() });
const activitySchema = z.object({ id: idSchema, note: z.string().nullish(), is_deleted: z.boolean().nullish() });

const PAGE_SIZE = '100';
/** The newest 500: a repeat comes within days of the write that it repeats. */
const MAX_PAGES = 5;
/** Characters of a text. Escaped it grows six times at most, and stays below 100,000, the limit of Pipedrive's notes. */
const MAX_TEXT_LENGTH = 16_000;

/**
 * Writes status, properties, note and task (an activity of the type `task`) to a deal or a person.
 *
 * Without a status field the status stands in front of the note, so that people see it anyway. Pipedrive takes no
 * idempotency key: a note and a task carry a reference made from the write's marker, and one that is already there is
 * found again, so a repeat after a lost answer makes no second one.
 *
 * Pipedrive reports these writes to its webhooks; they change no deal's status, so nothing starts again.
 *
 * @throws CrmError `refused` when Pipedrive's own rules forbid the write, `configuration` for an unknown field or option
 */
export async function writeToPipedrive(
  api: PipedriveApi,
  fields: PipedriveFields,
  id: string,
  write: CrmWrite,
  options: PipedriveWriteOptions,
  signal?: AbortSignal,
): Promise<CrmWriteResult> {
  const { of } = options;
  const path = of === 'deal' ? dealPath(id) : personPath(id);
  const { status } = write;
  const hasField = options.statusField !== undefined;
  const body = await fields.values(
    of,
    {
      ...write.properties,
      ...(options.statusField === undefined || status === undefined ? {} : { [options.statusField]: status }),
    },
    signal,
  );
  if (Object.keys(body).length > 0) {
    await api.call(z.unknown(), { method: 'PATCH', path, body, signal });
  }
  const reference = referenceOf(write.marker);
  const lines = [status === undefined || hasField ? '' : `Kickoff: ${status}`, write.note ?? ''];
  const note = lines.filter((line) => line !== '').join('\n');
  const noteId = note === '' ? undefined : await writeNote(api, id, note, reference, options, signal);
  const taskId =
    write.task === undefined ? undefined : await writeTask(api, id, write.task, reference, options, signal);
  const url = recordUrl(api.baseUrl, of, id);
  return {
    ...(noteId === undefined ? {} : { noteId }),
    ...(taskId === undefined ? {} : { taskId }),
    ...(url === undefined ? {} : { url }),
  };
}

async function writeNote(
  api: PipedriveApi,
  id: string,
  note: string,
  reference: string,
  { of }: PipedriveWriteOptions,
  signal?: AbortSignal,
): Promise<string> {
  const query = { [`${of}_id`]: id, sort: 'add_time DESC', start: '0', limit: PAGE_SIZE };
  const call = { method: 'GET', path: '/v1/notes', query, signal } as const;
  for await (const page of eachPage(api, noteSchema, call, MAX_PAGES)) {
    const existing = page.find(({ content, active_flag }) => active_flag !== false && content?.includes(reference));
    if (existing !== undefined) {
      return existing.id;
    }
  }
  const body = { [`${of}_id`]: Number(id), content: htmlWithReference(note, reference) };
  return (await api.call(createdSchema, { method: 'POST', path: '/v1/notes', body, signal })).id;
}

async function writeTask(
  api: PipedriveApi,
  id: string,
  task: NonNullable<CrmWrite['task']>,
  reference: string,
  { of, now }: PipedriveWriteOptions,
  signal?: AbortSignal,
): Promise<string> {
  const query = { [`${of}_id`]: id, sort_by: 'add_time', sort_direction: 'desc', limit: PAGE_SIZE };
  const call = { method: 'GET', path: '/v2/activities', query, signal } as const;
  for await (const page of eachPage(api, activitySchema, call, MAX_PAGES)) {
    const existing = page.find(({ note, is_deleted }) => is_deleted !== true && note?.includes(reference));
    if (existing !== undefined) {
      return existing.id;
    }
  }
  // Without an owner it would be the API token's: it goes to the record's owner, who is to see it.
  const { owner_id: owner } = of === 'deal' ? await fetchDeal(api, id, signal) : await readPerson(api, id, signal);
  const due = instantOf(task.dueAt) ?? now().toISOString();
  const body = {
    subject: task.subject,
    type: 'task',
    // API v2 knows a person of an activity by its participants alone.
    ...(of === 'deal' ? { deal_id: Number(id) } : { participants: [{ person_id: Number(id), primary: true }] }),
    due_date: due.slice(0, 10),
    note: htmlWithReference(task.body ?? '', reference),
    ...(typeof owner === 'string' ? { owner_id: Number(owner) } : {}),
  };
  return (await api.call(createdSchema, { method: 'POST', path: '/v2/activities', body, signal })).id;
}

const ESCAPES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', '\n': '<br>' };

/** Pipedrive shows these texts as HTML. */
function htmlWithReference(text: string, reference: string): string {
  const html = text.slice(0, MAX_TEXT_LENGTH).replaceAll(/[&<>"\n]/g, (character) => ESCAPES[character] ?? '');
  const ending = `Ref: ${reference}`;
  return html === '' ? ending : `${html}<br>${ending}`;
}

/** @throws CrmError `not_found` for what can be no person's id, before it becomes a part of a path */
export function personPath(id: string): `/v2/${string}` {
  if (!/^\d{1,16}$/.test(id)) {
    throw new CrmError('not_found', 'Pipedrive has no person under this id: its ids are whole numbers.');
  }
  return `/v2/persons/${id}`;
}
