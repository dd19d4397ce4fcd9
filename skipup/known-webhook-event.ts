import { type WebhookEvent, type WebhookPayloads, webhookEventSchemas } from './schemas.ts';

/** The documented events, told apart by `event`. */
export type KnownWebhookEvent = WebhookPayloads[keyof WebhookPayloads];

/**
 * A verified event as the one it is documented as.
 *
 * ```ts
 * const known = knownWebhookEvent(verifyWebhook({ body, signature, secrets }));
 * if (known?.event === 'meeting_request.cancelled') console.log(known.id, known.was_booked);
 * ```
 *
 * @returns undefined for an event that nobody has documented, and for one that lacks what is documented (an id):
 * acknowledge it all the same
 */
export function knownWebhookEvent(event: WebhookEvent): KnownWebhookEvent | undefined {
  const name = event.event;
  if (!isKnownName(name)) return undefined;
  return webhookEventSchemas[name].safeParse(event).data;
}

function isKnownName(name: string): name is keyof WebhookPayloads {
  return Object.hasOwn(webhookEventSchemas, name);
}
