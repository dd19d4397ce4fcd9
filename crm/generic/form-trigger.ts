import { createHash } from 'node:crypto';
import { everyProblem, parseJsonBody } from '../body.ts';
import { leadIdOfAddress } from '../lead-id.ts';
import { type CrmName, type InboundRequest, type LeadSignal, TriggerRefused, type Verified } from '../port.ts';
import { type FormEvent, formOf, formSubmittedSchema, leadOf, meetingBookedSchema } from './form-schema.ts';
import { verifyGenericRequest } from './signature.ts';
import { withoutEmpty } from './without-empty.ts';

export interface FormTriggerOptions {
  /** `FORM_TRIGGER_SECRETS`: sign form events. Without secrets and tokens they are answered 503. */
  secrets: readonly string[];
  /** `FORM_TRIGGER_TOKENS`: bearer tokens, for senders that cannot sign. */
  tokens: readonly string[];
  /** How far a signature's time may be off, in seconds. Default 300 both ways. */
  tolerance?: { pastSeconds: number; futureSeconds: number } | undefined;
  /** The CRM that leads are looked up in when an event names none. */
  readableBy?: CrmName | undefined;
}

/** Form events of our own form: `form.submitted` and `meeting.booked`. See `form-schema.ts`. */
export interface FormTrigger {
  /** @returns the scheme `t,v1` or `bearer`, and what it says. @throws TriggerRefused with a code that names what is wrong */
  verify(request: InboundRequest, now: Date): Verified;
  /**
   * @param now for events that do not say when they happened
   * @throws TriggerRefused `malformed_body`, naming every field that is wrong
   */
  normalise(body: Uint8Array, now: Date): LeadSignal[];
}

const FORM_EVENTS = { events: 'Form events', secrets: 'FORM_TRIGGER_SECRETS', tokens: 'FORM_TRIGGER_TOKENS' };
const TOLERANCE = { pastSeconds: 300, futureSeconds: 300 };

export function createFormTrigger({ secrets, tokens, tolerance, readableBy }: FormTriggerOptions): FormTrigger {
  const verifying = { kind: FORM_EVENTS, secrets, tokens, tolerance: tolerance ?? TOLERANCE };
  return {
    verify: (request, now) => verifyGenericRequest(request, verifying, now),
    normalise: (body, now) => [signalOf(parse(withoutEmpty(parseJsonBody(body))), body, readableBy, now)],
  };
}

function signalOf(event: FormEvent, body: Uint8Array, readableBy: CrmName | undefined, now: Date): LeadSignal {
  const crm = event.crm ?? readableBy ?? 'generic';
  const whole = leadOf(event.lead);
  // The sender's id is looked up in the CRM as it is; a lead of no CRM is known by what `leadOf` has made of it.
  const id = crm === 'generic' ? whole.id : event.lead.id;
  const base = {
    lead: { ...(id === undefined ? {} : { id }), email: whole.email },
    crm,
    eventType: event.event,
    submissionKey: keyOf(event, body, now),
    whole,
  };
  if (event.event === 'form.submitted') {
    const form = formOf(event.form, now);
    return { ...base, event: 'form_submitted', occurredAt: form.submittedAt, form };
  }
  const { meeting } = event;
  return {
    ...base,
    event: 'meeting_booked',
    occurredAt: new Date(event.bookedAt ?? now).toISOString(),
    ...(meeting === undefined ? {} : { meeting }),
  };
}

/**
 * One submission, however often it is delivered: by the sender's id, else by lead, form and instant. Without an instant the
 * same bytes are the same submission for the day (UTC): the same person may fill in the same form again another day.
 */
function keyOf(event: FormEvent, body: Uint8Array, now: Date): string {
  // A key stands in logs, which hold no address.
  if (event.id !== undefined) return `own:id:${event.id.includes('@') ? leadIdOfAddress(event.id) : event.id}`;
  const isForm = event.event === 'form.submitted';
  const at = isForm ? event.form.submittedAt : event.bookedAt;
  if (at === undefined) {
    const hash = createHash('sha256').update(body).digest('hex');
    return `own:${now.toISOString().slice(0, 10)}:${hash}`;
  }
  const what = isForm ? `form.submitted\n${event.form.name ?? ''}` : 'meeting.booked';
  const hash = createHash('sha256').update(what).digest('hex').slice(0, 16);
  return `own:${leadIdOfAddress(event.lead.email)}:${hash}:${new Date(at).toISOString()}`;
}

/** A union's own complaint ("invalid input") helps nobody: only the event that was meant is checked. */
function parse(value: unknown): FormEvent {
  const name = typeof value === 'object' && value !== null && 'event' in value ? value.event : undefined;
  const result =
    name === 'meeting.booked' ? meetingBookedSchema.safeParse(value) : formSubmittedSchema.safeParse(value);
  if (!result.success) {
    const hint = name === undefined ? ' Say which event it is: "form.submitted" or "meeting.booked".' : '';
    throw new TriggerRefused(
      'malformed_body',
      `The form event is not as documented: ${everyProblem(result.error)}.${hint}`,
    );
  }
  return result.data;
}
