import { z } from 'zod';
import { WEBHOOK_EVENT_TYPES } from '../../skipup/index.ts';
import { aligned } from '../aligned.ts';
import type { CommandContext } from '../command-context.ts';
import { CliError, EXIT } from '../errors.ts';
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
  request?: string;
  member?: string;
  organizer?: string;
  webhookOnly?: boolean;
  notify?: boolean;
  wasBooked?: boolean;
}

const OF_A_REQUEST = 'meeting_request.';
const DEACTIVATED = 'member.deactivated';
const REQUEST_EVENTS = WEBHOOK_EVENT_TYPES.filter((event) => event.startsWith(OF_A_REQUEST));

/**
 * Makes an event happen: the request's or member's state changes as if SkipUp or somebody there had done it, and the
 * webhooks go out; or the webhook alone.
 *
 * @throws CliError exit code 2 when the event or whom it is about is not said
 */
export async function triggerEvent(context: CommandContext, event: string, options: TriggerOptions): Promise<void> {
  if (event === DEACTIVATED) return await deactivate(context, options);
  if (!REQUEST_EVENTS.some((known) => known === event)) {
    const known = `${REQUEST_EVENTS.join(', ')} with --request, or ${DEACTIVATED} with --member`;
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
