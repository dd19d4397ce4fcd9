import { join, resolve } from 'node:path';
import { z } from 'zod';
import { SAMPLE_LEAD_ID } from '../../sandbox/index.ts';
import { WEBHOOK_EVENT_TYPES } from '../../skipup/index.ts';
import { aligned } from '../aligned.ts';
import type { CommandContext } from '../command-context.ts';
import { storedSecrets } from '../dev-secrets.ts';
import { CliError, EXIT } from '../errors.ts';
import { readyStack } from '../ready-file.ts';
import type { SandboxPlace } from '../sandbox-control.ts';
import { SandboxControl } from '../sandbox-control.ts';

const requestSchema = z.looseObject({
  id: z.string(),
  status: z.string(),
  slot: z.object({ start: z.string(), end: z.string() }).nullable(),
  deliveries: z.array(z.string()).optional(),
});
const memberSchema = z.object({ data: z.looseObject({ id: z.string(), email: z.string() }) });

export interface TriggerOptions extends SandboxPlace {
  contact?: string;
  via?: 'contact' | 'object' | 'workflow' | 'own';
  form?: string;
  /** Where it is sent. */
  to?: string;
  secret?: string;
  request?: string;
  member?: string;
  organizer?: string;
  webhookOnly?: boolean;
  notify?: boolean;
  wasBooked?: boolean;
}

const OF_A_REQUEST = 'meeting_request.';
const DEACTIVATED = 'member.deactivated';
const FORM_SUBMITTED = 'form.submitted';
const MEETING_BOOKED = 'meeting.booked';
const REQUEST_EVENTS = WEBHOOK_EVENT_TYPES.filter((event) => event.startsWith(OF_A_REQUEST));

/**
 * Makes an event happen: the request's or member's state changes as if SkipUp or somebody there had done it, and the
 * webhooks go out; or the webhook alone.
 *
 * @throws CliError exit code 2 when the event or whom it is about is not said
 */
export async function triggerEvent(context: CommandContext, event: string, options: TriggerOptions): Promise<void> {
  if (event === DEACTIVATED) return await deactivate(context, options);
  if (event === FORM_SUBMITTED || event === MEETING_BOOKED) return await ofContact(context, event, options);
  if (!REQUEST_EVENTS.some((known) => known === event)) {
    const known = `${REQUEST_EVENTS.join(', ')} with --request, ${DEACTIVATED} with --member, or ${FORM_SUBMITTED} and ${MEETING_BOOKED} of a --contact`;
    throw new CliError(`${event} cannot be triggered: ${known}.`, { exitCode: EXIT.usage });
  }
  const { request: id } = options;
  if (id === undefined) throw new CliError(`Which request? --request mr_…`, { exitCode: EXIT.usage });
  const body = {
    event: event.slice(OF_A_REQUEST.length),
    webhook_only: options.webhookOnly,
    notify: options.notify,
    was_booked: options.wasBooked,
    organizer_email: options.organizer,
  };
  const path = `/meeting_requests/${encodeURIComponent(id)}/events`;
  const now = await new SandboxControl(context, options).post(path, requestSchema, { body });
  const sent =
    options.webhookOnly === true ? [['webhooks', now.deliveries?.join(', ') || 'nobody has subscribed']] : [];
  const slot = now.slot === null ? [] : [['meeting', `${now.slot.start} to ${now.slot.end}`]];
  context.output.emit(
    { type: 'triggered', event, request: now },
    aligned([['request', now.id], ['status', now.status], ...slot, ...sent]),
  );
}

const sentSchema = z.looseObject({
  contact: z.looseObject({ id: z.string() }),
  sent: z.array(z.object({ status: z.number().nullable(), error: z.string().optional() })),
});

/** A contact of the sandbox's CRM fills in a form, or books past SkipUp. */
async function ofContact(context: CommandContext, event: string, options: TriggerOptions): Promise<void> {
  const { contact: id = SAMPLE_LEAD_ID, via, form, to: url } = options;
  const secret = options.secret ?? (via === 'own' ? formSecret(context, options) : undefined);
  const isForm = event === FORM_SUBMITTED;
  const path = `/crm/contacts/${encodeURIComponent(id)}/${isForm ? 'submit' : 'meeting'}`;
  const body = { via, url, secret, ...(isForm ? { form } : {}) };
  const { contact, sent } = await new SandboxControl(context, options).post(path, sentSchema, { body });
  const told = sent.map(({ status, error }) => String(status ?? error)).join(', ');
  context.output.emit(
    { type: 'triggered', event, contact, sent },
    aligned([
      ['contact', contact.id],
      ['answered', told],
    ]),
  );
}

/** The secret of the `kickoff dev` that runs in this folder, when it is its sandbox that is meant. */
function formSecret({ env, cwd }: CommandContext, { url, to }: TriggerOptions): string | undefined {
  const dataDir = resolve(cwd, env.KICKOFF_DATA_DIR ?? '.kickoff');
  const isElsewhere = [url, to, env.KICKOFF_SANDBOX_URL, env.KICKOFF_SANDBOX_PORT].some((place) => place !== undefined);
  if (isElsewhere || readyStack(dataDir) === undefined) return undefined;
  return storedSecrets(join(dataDir, 'secrets.json'))?.formTrigger;
}

async function deactivate(context: CommandContext, options: TriggerOptions): Promise<void> {
  const { member } = options;
  if (member === undefined) throw new CliError('Which member? --member <email>', { exitCode: EXIT.usage });
  if (options.webhookOnly === true) {
    throw new CliError(`${DEACTIVATED} is always a real change: leave --webhook-only out.`, { exitCode: EXIT.usage });
  }
  const path = `/members/${encodeURIComponent(member)}/deactivate`;
  const { data } = await new SandboxControl(context, options).post(path, memberSchema, { body: {} });
  context.output.emit(
    { type: 'triggered', event: DEACTIVATED, member: data },
    `${data.email} is deactivated (${data.id})`,
  );
}
