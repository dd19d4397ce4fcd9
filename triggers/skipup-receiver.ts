import type { FastifyInstance } from 'fastify';
import type { InboxEntry } from '../database/index.ts';
import {
  type VerifiedWebhook,
  verifiedWebhook,
  type WebhookEvent,
  WebhookVerificationError,
  webhookDedupeKey,
} from '../skipup/index.ts';
import { isMeetingEvent, storedWebhook } from '../workflows/meeting/from-webhook.ts';
import { TriggerError } from './errors.ts';
import { MEMBER_DEACTIVATED } from './member-deactivated.ts';
import { type ReceiverContext, rawBody, storeAndTell } from './receiver.ts';

export interface SkipUpReceiverOptions {
  /** Signing secrets of the endpoint; several while one is being replaced. */
  secrets: readonly string[];
  /** How far the signature's time may be off. SkipUp repeats for up to 90 min and may sign once: see the default in the configuration. */
  tolerance: { pastSeconds: number; futureSeconds: number };
}

/**
 * `POST /webhooks/skipup`: verify over the raw bytes, store, acknowledge.
 *
 * An endpoint sees its whole workspace, and types that nobody has documented: all are acknowledged and kept, those that a
 * kickoff does not act on as ignored with the reason. Repeats are told by the SHA-256 of the body's canonical JSON, because
 * SkipUp sends no id of event or delivery.
 */
export function addSkipUpReceiver(
  app: FastifyInstance,
  context: ReceiverContext,
  options: SkipUpReceiverOptions,
): void {
  app.post('/webhooks/skipup', { config: { source: 'skipup' } }, async (request) => {
    const body = rawBody(request.body);
    const { event, signedAt, secret } = verify(body, request.headers['x-webhook-signature'], options);
    const announced = request.headers['x-webhook-event'];
    if (announced !== undefined && announced !== event.event) {
      // The header is not signed: worth a line in the log, never a decision.
      context.logger.warn({ announced, event: event.event }, 'the event header differs from the signed body');
    }
    await storeAndTell(context, [inboxEntry(event, body)], { by: 'skipup', scheme: 't,v1', signedAt, secret });
    return { received: true };
  });
}

function verify(
  body: Uint8Array,
  header: string | string[] | undefined,
  options: SkipUpReceiverOptions,
): VerifiedWebhook {
  if (options.secrets.length === 0) {
    throw new TriggerError('configuration', 'SkipUp webhooks cannot be verified: set SKIPUP_WEBHOOK_SECRETS.');
  }
  try {
    return verifiedWebhook({
      body,
      signature: header,
      secrets: options.secrets,
      tolerance: options.tolerance,
    });
  } catch (error) {
    if (error instanceof WebhookVerificationError) {
      throw new TriggerError(error.code, error.message, { cause: error });
    }
    throw error;
  }
}

function inboxEntry(event: WebhookEvent, body: Uint8Array): InboxEntry {
  const { requestId, payload } = storedWebhook(event, new Date());
  const reason = reasonToIgnore(event.event);
  return {
    source: 'skipup',
    dedupeKey: webhookDedupeKey(body),
    eventType: event.event,
    payload,
    ...(requestId === undefined ? {} : { subject: requestId }),
    ...(reason === undefined ? {} : { status: 'ignored', reason }),
  };
}

function reasonToIgnore(eventType: string): string | undefined {
  if (isMeetingEvent(eventType) || eventType === MEMBER_DEACTIVATED) {
    return undefined;
  }
  if (eventType === 'test') {
    return 'a test delivery: nothing to do';
  }
  return 'an event type that this version does not know';
}
