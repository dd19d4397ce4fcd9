import type { DealSignal } from '../port.ts';
import { type OutboundNotification, parseOutboundMessage } from './outbound-message.ts';

const EVENT_TYPE = 'opportunity.outbound_message';

/**
 * Splits an Outbound Message into its notifications: one signal each, in the order received.
 *
 * The transition's key is `<organization>:<opportunity>:<notification id>`. A notification's id is new for every run of the
 * Flow and the same in every repeat. Nothing else of the message may be part of the key: Salesforce sends the record as it
 * is at the time of sending, so that a repeat after a change carries another StageName or LastModifiedDate.
 *
 * What the record says of its stage is not looked at: it is read again, and one that is not won any more is news for its
 * kickoff.
 *
 * @param now when it happened, for messages without SystemModstamp and LastModifiedDate
 * @throws TriggerRefused `malformed_body`
 */
export function normaliseOutboundMessage(body: Uint8Array, now: Date): DealSignal[] {
  const { organizationId, notifications } = parseOutboundMessage(body);
  return notifications.map((notification) => {
    const ignore = reasonToIgnore(notification);
    return {
      dealId: notification.recordId,
      transitionKey: `${organizationId.slice(0, 15)}:${notification.recordId}:${notification.id}`,
      occurredAt: instantOf(notification.changedAt) ?? now.toISOString(),
      eventType: EVENT_TYPE,
      ...(ignore === undefined ? {} : { ignore }),
    };
  });
}

function reasonToIgnore({ objectType }: OutboundNotification): string | undefined {
  return objectType === 'Opportunity' ? undefined : `about ${objectType.slice(0, 80)}, not an Opportunity`;
}

function instantOf(text: string | undefined): string | undefined {
  const instant = new Date(text ?? Number.NaN);
  return Number.isNaN(instant.getTime()) ? undefined : instant.toISOString();
}
