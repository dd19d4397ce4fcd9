import { DateTime } from 'luxon';
import { z } from 'zod';
import { CrmError, type CrmWrite, type CrmWriteResult } from '../port.ts';
import { referenceOf } from '../reference.ts';
import type { SalesforceApi } from './api.ts';
import { requireRecordId } from './deal.ts';

export interface SalesforceWriteOptions {
  /** The API name of the Opportunity's field that takes the kickoff's status. */
  statusField: string;
  now: () => Date;
}

/** Salesforce's limits for a Task. */
const MAX_SUBJECT = 255;
const MAX_DESCRIPTION = 32_000;

const taskSchema = z.object({ Id: z.string().min(1), Description: z.string().nullish() });
const ownedSchema = z.object({
  OwnerId: z.string().nullish(),
  Owner: z.object({ IsActive: z.boolean().nullish(), TimeZoneSidKey: z.string().nullish() }).nullish(),
});

/**
 * Writes status, properties, note and task to an Opportunity.
 *
 * A note is a completed Task of the subject "Kickoff note": it is in every organization, needs no Chatter and no content
 * library, and stands in the deal's activity where people look. Salesforce takes no idempotency key for it, so a Task
 * carries a reference made from the write's marker, and one that is already there is found again: a repeat after a lost
 * answer makes no second one. Description cannot be filtered in SOQL, hence the deal's Tasks are compared here.
 *
 * @throws CrmError `refused` when the organization's own rules forbid the write
 */
export async function writeToSalesforce(
  api: SalesforceApi,
  dealId: string,
  write: CrmWrite,
  options: SalesforceWriteOptions,
  signal?: AbortSignal,
): Promise<CrmWriteResult> {
  const id = requireRecordId(dealId);
  const fields = {
    ...write.properties,
    ...(write.status === undefined ? {} : { [options.statusField]: write.status }),
  };
  if (Object.keys(fields).length > 0) {
    await api.update('Opportunity', id, fields, signal);
  }
  const noteId =
    write.note === undefined ? undefined : await writeNote(api, id, write.note, write.marker, options, signal);
  const taskId = write.task === undefined ? undefined : await writeTask(api, id, write.task, write.marker, signal);
  const url = api.recordUrl('Opportunity', id);
  return {
    ...(noteId === undefined ? {} : { noteId }),
    ...(taskId === undefined ? {} : { taskId }),
    ...(url === undefined ? {} : { url }),
  };
}

async function writeNote(
  api: SalesforceApi,
  id: string,
  note: string,
  marker: string,
  options: SalesforceWriteOptions,
  signal?: AbortSignal,
): Promise<string> {
  const reference = referenceOf(`note:${marker}`);
  const existing = await findByReference(api, id, reference, signal);
  const fields = {
    Subject: 'Kickoff note',
    Status: 'Completed',
    ActivityDate: options.now().toISOString().slice(0, 10),
    WhatId: id,
    Description: withReference(note, reference),
  };
  return existing ?? api.create('Task', fields, signal);
}

async function writeTask(
  api: SalesforceApi,
  id: string,
  task: NonNullable<CrmWrite['task']>,
  marker: string,
  signal?: AbortSignal,
): Promise<string> {
  const reference = referenceOf(`task:${marker}`);
  const existing = await findByReference(api, id, reference, signal);
  if (existing !== undefined) {
    return existing;
  }
  const owner = await readOwner(api, id, signal);
  const fields = {
    Subject: task.subject.slice(0, MAX_SUBJECT),
    Status: 'Not Started',
    WhatId: id,
    Description: withReference(task.body ?? '', reference),
    ...(task.dueAt === undefined ? {} : { ActivityDate: dateOf(task.dueAt, owner.timezone) }),
    ...(owner.id === undefined ? {} : { OwnerId: owner.id }),
  };
  return api.create('Task', fields, signal);
}

async function findByReference(
  api: SalesforceApi,
  id: string,
  reference: string,
  signal?: AbortSignal,
): Promise<string | undefined> {
  const soql = `SELECT Id, Description FROM Task WHERE WhatId = '${id}' ORDER BY CreatedDate DESC`;
  const tasks = await api.query(taskSchema, soql, signal);
  return tasks.find(({ Description }) => Description?.includes(reference) === true)?.Id;
}

/** A task of the connected app's user is seen by nobody: it goes to the deal's owner, if that one still works there. */
async function readOwner(
  api: SalesforceApi,
  id: string,
  signal?: AbortSignal,
): Promise<{ id: string | undefined; timezone: string }> {
  const soql = `SELECT OwnerId, Owner.IsActive, Owner.TimeZoneSidKey FROM Opportunity WHERE Id = '${id}'`;
  const [deal] = await api.query(ownedSchema, soql, signal);
  const isActive = deal?.Owner?.IsActive === true;
  return { id: (isActive ? deal?.OwnerId : undefined) ?? undefined, timezone: deal?.Owner?.TimeZoneSidKey ?? 'UTC' };
}

/** A Task is due on a day: the one that it is for its owner at that instant. @throws CrmError `refused` */
function dateOf(dueAt: string, timezone: string): string {
  const due = DateTime.fromISO(dueAt, { zone: timezone });
  // A zone that this machine does not know must not hinder the task.
  const date = (due.isValid ? due : DateTime.fromISO(dueAt, { zone: 'UTC' })).toISODate();
  if (date === null) {
    throw new CrmError('refused', `The task's dueAt ${JSON.stringify(dueAt)} is no ISO 8601 date or instant.`);
  }
  return date;
}

function withReference(text: string, reference: string): string {
  const ending = `Ref: ${reference}`;
  const body = text.slice(0, MAX_DESCRIPTION - ending.length - 2);
  return body === '' ? ending : `${body}\n\n${ending}`;
}
