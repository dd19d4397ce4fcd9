import { DateTime } from 'luxon';
import { z } from 'zod';
import { CrmError, type CrmWrite, type CrmWriteResult } from '../port.ts';
import { referenceOf } from '../reference.ts';
import type { SalesforceApi } from './api.ts';

export interface SalesforceWriteOptions {
  /** The API name of the field that takes the status. */
  statusField: string;
  now: () => Date;
}

/** A record that is written to. */
export interface SalesforceTarget {
  object: 'Opportunity' | 'Lead' | 'Contact';
  /** 18 characters. */
  id: string;
}

/** The field by which a Task names what it is about: people stand in another one than things. */
const RELATION = { Opportunity: 'WhatId', Lead: 'WhoId', Contact: 'WhoId' } as const;
/** Salesforce's limits for a Task. */
const MAX_SUBJECT = 255;
const MAX_DESCRIPTION = 32_000;

const taskSchema = z.object({ Id: z.string().min(1), Description: z.string().nullish() });
const ownedSchema = z.object({
  OwnerId: z.string().nullish(),
  Owner: z.object({ IsActive: z.boolean().nullish(), TimeZoneSidKey: z.string().nullish() }).nullish(),
});

/**
 * Writes status, properties, note and task to an Opportunity, a Lead or a Contact.
 *
 * A note is a completed Task of the subject "Kickoff note": it is in every organization, needs no Chatter and no content
 * library, and stands in the record's activity where people look. Salesforce takes no idempotency key for it, so a Task
 * carries a reference made from the write's marker, and one that is already there is found again: a repeat after a lost
 * answer makes no second one. Description cannot be filtered in SOQL, hence the record's Tasks are compared here.
 *
 * @throws CrmError `refused` when the organization's own rules forbid the write
 */
export async function writeToSalesforce(
  api: SalesforceApi,
  target: SalesforceTarget,
  write: CrmWrite,
  options: SalesforceWriteOptions,
  signal?: AbortSignal,
): Promise<CrmWriteResult> {
  const fields = {
    ...write.properties,
    ...(write.status === undefined ? {} : { [options.statusField]: write.status }),
  };
  if (Object.keys(fields).length > 0) {
    await api.update(target.object, target.id, fields, signal);
  }
  const noteId =
    write.note === undefined ? undefined : await writeNote(api, target, write.note, write.marker, options, signal);
  const taskId = write.task === undefined ? undefined : await writeTask(api, target, write.task, write.marker, signal);
  const url = api.recordUrl(target.object, target.id);
  return {
    ...(noteId === undefined ? {} : { noteId }),
    ...(taskId === undefined ? {} : { taskId }),
    ...(url === undefined ? {} : { url }),
  };
}

async function writeNote(
  api: SalesforceApi,
  target: SalesforceTarget,
  note: string,
  marker: string,
  options: SalesforceWriteOptions,
  signal?: AbortSignal,
): Promise<string> {
  const reference = referenceOf(`note:${marker}`);
  const existing = await findByReference(api, target, reference, signal);
  const fields = {
    Subject: 'Kickoff note',
    Status: 'Completed',
    ActivityDate: options.now().toISOString().slice(0, 10),
    [RELATION[target.object]]: target.id,
    Description: withReference(note, reference),
  };
  return existing ?? api.create('Task', fields, signal);
}

async function writeTask(
  api: SalesforceApi,
  target: SalesforceTarget,
  task: NonNullable<CrmWrite['task']>,
  marker: string,
  signal?: AbortSignal,
): Promise<string> {
  const reference = referenceOf(`task:${marker}`);
  const existing = await findByReference(api, target, reference, signal);
  if (existing !== undefined) {
    return existing;
  }
  const owner = await readOwner(api, target, signal);
  const fields = {
    Subject: task.subject.slice(0, MAX_SUBJECT),
    Status: 'Not Started',
    [RELATION[target.object]]: target.id,
    Description: withReference(task.body ?? '', reference),
    ...(task.dueAt === undefined ? {} : { ActivityDate: dateOf(task.dueAt, owner.timezone) }),
    ...(owner.id === undefined ? {} : { OwnerId: owner.id }),
  };
  return api.create('Task', fields, signal);
}

async function findByReference(
  api: SalesforceApi,
  { object, id }: SalesforceTarget,
  reference: string,
  signal?: AbortSignal,
): Promise<string | undefined> {
  const soql = `SELECT Id, Description FROM Task WHERE ${RELATION[object]} = '${id}' ORDER BY CreatedDate DESC`;
  const tasks = await api.query(taskSchema, soql, signal);
  return tasks.find(({ Description }) => Description?.includes(reference) === true)?.Id;
}

/** A task of the connected app's user is seen by nobody: it goes to the record's owner, if that one still works there. */
async function readOwner(
  api: SalesforceApi,
  { object, id }: SalesforceTarget,
  signal?: AbortSignal,
): Promise<{ id: string | undefined; timezone: string }> {
  // A Lead's owner may be a queue, whose fields are fewer: no time zone can be asked for there.
  const fields = object === 'Lead' ? 'OwnerId, Owner.IsActive' : 'OwnerId, Owner.IsActive, Owner.TimeZoneSidKey';
  const [record] = await api.query(ownedSchema, `SELECT ${fields} FROM ${object} WHERE Id = '${id}'`, signal);
  const isActive = record?.Owner?.IsActive === true;
  return {
    id: (isActive ? record?.OwnerId : undefined) ?? undefined,
    timezone: record?.Owner?.TimeZoneSidKey ?? 'UTC',
  };
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
