import { z } from 'zod';
import {
  type CrmName,
  crmNameSchema,
  formSubmissionSchema,
  type LeadSignal,
  leadIdOfAddress,
  leadSchema,
} from '../crm/index.ts';
import type { InboxEntry } from '../database/index.ts';

/** A submission or a booking as it is kept in the inbox. It holds the lead's address; the row's subject does not. */
export const formPayloadSchema = z.object({
  event: z.enum(['form_submitted', 'meeting_booked']),
  lead: z.object({ id: z.string().min(1).optional(), email: z.string().min(3).optional() }),
  /** The CRM that the lead is read from; `generic`: none. */
  crm: crmNameSchema,
  /** Whose webhook it was; `generic`: our own form. */
  receivedBy: crmNameSchema,
  submissionKey: z.string().min(1),
  occurredAt: z.string().min(1),
  eventType: z.string().min(1),
  form: formSubmissionSchema.optional(),
  /** The whole lead, when the sender gave it. */
  whole: leadSchema.optional(),
  meeting: z.string().optional(),
  ignore: z.string().optional(),
});
export type FormPayload = z.infer<typeof formPayloadSchema>;

/** @param receivedBy whose webhook it was; reads the lead when the signal names no other CRM */
export function formInboxEntry(signal: LeadSignal, receivedBy: CrmName): InboxEntry {
  const payload: FormPayload = { ...signal, crm: signal.crm ?? receivedBy, receivedBy };
  return {
    source: 'form',
    dedupeKey: signal.submissionKey,
    eventType: signal.eventType,
    subject: subjectOf(signal),
    payload,
    ...(signal.ignore === undefined ? {} : { status: 'ignored', reason: signal.ignore }),
  };
}

/**
 * Whose rows go one after the other: the lead's id, else what stands for its address, which no log may show. Some systems'
 * ids are addresses.
 */
function subjectOf({ lead }: LeadSignal): string {
  const { id } = lead;
  return id === undefined || id.includes('@') ? leadIdOfAddress(id ?? lead.email ?? '') : id;
}
