import { z } from 'zod';
import type { CrmWrite, CrmWriteResult } from '../port.ts';
import { referenceOf } from '../reference.ts';
import { eachPage, idSchema, type PipedriveApi } from './api.ts';
import { dealPath, dealUrl, fetchDeal } from './deal.ts';
import type { PipedriveFields } from './fields.ts';
import { instantOf } from './instant.ts';

export interface PipedriveWriteOptions {
  /** The deal field that takes the kickoff's status, by key or name; none: the status becomes a line of a note. */
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
 * Writes status, properties, note and task (an activity of the type `task`) to a deal.
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
  dealId: string,
  write: CrmWrite,
  options: PipedriveWriteOptions,
  signal?: AbortSignal,
): Promise<CrmWriteResult> {
  const path = dealPath(dealId);
  const { status } = write;
  const hasField = options.statusField !== undefined;
  const body = await fields.dealValues(
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
  const noteId = note === '' ? undefined : await writeNote(api, dealId, note, reference, signal);
  const taskId =
    write.task === undefined ? undefined : await writeTask(api, dealId, write.task, reference, options, signal);
  const url = dealUrl(api.baseUrl, dealId);
  return {
    ...(noteId === undefined ? {} : { noteId }),
    ...(taskId === undefined ? {} : { taskId }),
    ...(url === undefined ? {} : { url }),
  };
}

async function writeNote(
  api: PipedriveApi,
  dealId: string,
  note: string,
  reference: string,
  signal?: AbortSignal,
): Promise<string> {
  const query = { deal_id: dealId, sort: 'add_time DESC', start: '0', limit: PAGE_SIZE };
  const call = { method: 'GET', path: '/v1/notes', query, signal } as const;
  for await (const page of eachPage(api, noteSchema, call, MAX_PAGES)) {
    const existing = page.find(({ content, active_flag }) => active_flag !== false && content?.includes(reference));
    if (existing !== undefined) {
      return existing.id;
    }
  }
  const body = { deal_id: Number(dealId), content: htmlWithReference(note, reference) };
  return (await api.call(createdSchema, { method: 'POST', path: '/v1/notes', body, signal })).id;
}

async function writeTask(
  api: PipedriveApi,
  dealId: string,
  task: NonNullable<CrmWrite['task']>,
  reference: string,
  options: PipedriveWriteOptions,
  signal?: AbortSignal,
): Promise<string> {
  const query = { deal_id: dealId, sort_by: 'add_time', sort_direction: 'desc', limit: PAGE_SIZE };
  const call = { method: 'GET', path: '/v2/activities', query, signal } as const;
  for await (const page of eachPage(api, activitySchema, call, MAX_PAGES)) {
    const existing = page.find(({ note, is_deleted }) => is_deleted !== true && note?.includes(reference));
    if (existing !== undefined) {
      return existing.id;
    }
  }
  // Without an owner it would be the API token's: it goes to the deal's owner, who is to see it.
  const { owner_id: owner } = await fetchDeal(api, dealId, signal);
  const due = instantOf(task.dueAt) ?? options.now().toISOString();
  const body = {
    subject: task.subject,
    type: 'task',
    deal_id: Number(dealId),
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
