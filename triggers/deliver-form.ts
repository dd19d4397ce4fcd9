import { WorkflowNotFoundError } from '@temporalio/client';
import { type Crm, CrmError, type CrmName, type FormSubmission, type Lead } from '../crm/index.ts';
import { type Database, type InboxRow, openRecoveriesOf } from '../database/index.ts';
import { leadBooked } from '../workflows/messages.ts';
import { type Delivery, type SignalClient, type StartRecovery, TEMPORAL_DEADLINE_MS, wordsOf } from './delivery.ts';
import { type FormPayload, formPayloadSchema } from './form-payload.ts';

export interface FormDeliveryOptions {
  database: Database;
  crms: Partial<Record<CrmName, Crm>>;
  client: SignalClient;
  startRecovery?: StartRecovery | undefined;
  now: () => Date;
}

/** Reading a lead is up to four calls to the CRM; a row must be done well before its lease ends. */
const READ_LIMIT_MS = 10_000;
/** A form's own webhook may come before the CRM has the lead: so long it is waited for, before the sender's word is taken. */
const UNKNOWN = { waitsMs: 60_000, everyMs: 15_000 };

/**
 * A submission becomes a recovery, a booking news for the recovery that the lead has. The lead is read first: what the CRM
 * says of it (who owns it, whether it wants to be written to) counts more than what the form's sender says.
 */
export async function deliverForm(row: InboxRow, options: FormDeliveryOptions): Promise<Delivery> {
  const parsed = formPayloadSchema.safeParse(row.payload);
  if (!parsed.success) {
    return { kind: 'dead', reason: 'the stored event is not as this version writes it; send the event again' };
  }
  const payload = parsed.data;
  if (payload.ignore !== undefined) {
    return { kind: 'ignored', reason: payload.ignore };
  }
  return payload.event === 'meeting_booked'
    ? await deliverBooking(payload, options)
    : await deliverSubmission(row, payload, options);
}

async function deliverSubmission(row: InboxRow, payload: FormPayload, options: FormDeliveryOptions): Promise<Delivery> {
  const { client, startRecovery, now } = options;
  if (startRecovery === undefined) {
    const reason = 'leads are not recovered here any more: configure recovery, or leave the row';
    return { kind: 'retry', reason, cause: undefined, isCounted: true };
  }
  const reading = await read(row, payload, options);
  if ('kind' in reading) return reading;
  const { lead, form } = reading;
  try {
    const result = await client.connection.withDeadline(now().getTime() + TEMPORAL_DEADLINE_MS, () =>
      startRecovery({
        lead,
        form,
        origin: {
          kind: payload.receivedBy === 'hubspot' ? 'hubspot' : 'form',
          reference: payload.submissionKey,
          receivedAt: new Date(row.received_at).toISOString(),
        },
      }),
    );
    return result.started
      ? { kind: 'delivered', workflowId: result.workflowId, recovered: { lead, form } }
      : { kind: 'ignored', reason: result.message };
  } catch (cause) {
    return { kind: 'retry', reason: `the recovery could not be started: ${wordsOf(cause)}`, cause, isCounted: false };
  }
}

/** The lead as it is now, and what it has filled in. */
async function read(
  row: InboxRow,
  payload: FormPayload,
  { crms, now }: FormDeliveryOptions,
): Promise<{ lead: Lead; form: FormSubmission } | Delivery> {
  const { lead: which, crm: name, whole, form, occurredAt } = payload;
  const said = form ?? { name: 'a form', submittedAt: occurredAt, answers: {} };
  if (name === 'generic' && whole !== undefined) return { lead: whole, form: said };
  const leads = crms[name]?.leads;
  if (leads === undefined) {
    const reason = `the lead is to be read from ${name}, which is not configured`;
    return { kind: 'retry', reason, cause: undefined, isCounted: true };
  }
  try {
    const signal = AbortSignal.timeout(READ_LIMIT_MS);
    const known = await leads.readLead(whichOf(which), signal);
    // Only an event without the form has to ask for it.
    const last = form === undefined ? await leads.lastSubmission?.(known.id, signal) : undefined;
    return { lead: joined(known, whole), form: last ?? said };
  } catch (cause) {
    if (!(cause instanceof CrmError)) {
      return { kind: 'retry', reason: `reading the lead failed: ${wordsOf(cause)}`, cause, isCounted: true };
    }
    if (cause.code !== 'not_found') {
      const { message: reason, retryable, retryAfterMs } = cause;
      const waiting = retryAfterMs === undefined ? {} : { waitMs: retryAfterMs };
      return { kind: 'retry', reason, cause, isCounted: !retryable, ...waiting };
    }
    const isYoung = now().getTime() - new Date(row.received_at).getTime() < UNKNOWN.waitsMs;
    if (isYoung) {
      return { kind: 'retry', reason: cause.message, cause, isCounted: false, waitMs: UNKNOWN.everyMs };
    }
    return whole === undefined
      ? { kind: 'ignored', reason: `unknown lead: ${cause.message}` }
      : { lead: whole, form: said };
  }
}

/** What the CRM leaves open is taken from the sender; who has opted out anywhere has opted out. */
function joined(known: Lead, whole: Lead | undefined): Lead {
  return whole === undefined ? known : { ...whole, ...known, optedOut: known.optedOut || whole.optedOut };
}

async function deliverBooking(payload: FormPayload, options: FormDeliveryOptions): Promise<Delivery> {
  const { database, client, now } = options;
  const open = await openRecoveriesOf(database.db, await bookedLead(payload, options));
  const booked = {
    key: payload.submissionKey,
    at: payload.occurredAt,
    ...(payload.meeting === undefined ? {} : { meeting: payload.meeting }),
  };
  let told: string | undefined;
  for (const { workflow_id: workflowId } of open) {
    try {
      await client.connection.withDeadline(now().getTime() + TEMPORAL_DEADLINE_MS, () =>
        client.workflow.getHandle(workflowId).signal(leadBooked.name, booked),
      );
      told ??= workflowId;
    } catch (cause) {
      if (cause instanceof WorkflowNotFoundError) continue;
      return { kind: 'retry', reason: `the recovery could not be told: ${wordsOf(cause)}`, cause, isCounted: false };
    }
  }
  return told === undefined
    ? { kind: 'ignored', reason: 'nothing is under way for this lead that a booking would end' }
    : { kind: 'delivered', workflowId: told };
}

/** A CRM tells of a booking by the lead's id alone; its address finds a recovery that began before the CRM knew the lead. */
async function bookedLead(
  { lead, crm, whole }: FormPayload,
  { crms }: FormDeliveryOptions,
): Promise<{ crm: CrmName; leadId?: string | undefined; email?: string | undefined }> {
  const leadId = lead.id ?? whole?.id;
  if (lead.email !== undefined) return { crm, leadId, email: lead.email };
  // Not being able to read it is no reason to leave the recovery untold that is known by its id.
  const known = await crms[crm]?.leads
    ?.readLead(whichOf(lead), AbortSignal.timeout(READ_LIMIT_MS))
    .catch((error: unknown) => {
      if (error instanceof CrmError) return undefined;
      throw error;
    });
  return { crm, leadId: known?.id ?? leadId, email: known?.email };
}

function whichOf({ id, email }: FormPayload['lead']): { id?: string; email?: string } {
  return { ...(id === undefined ? {} : { id }), ...(email === undefined ? {} : { email }) };
}
