import type { Logger } from 'pino';
import type { InboxSource } from '../database/index.ts';

/** What the receivers and the relay tell the live view. No event holds a body or a secret. */
export type TriggerEvent =
  | {
      type: 'webhook_received';
      source: InboxSource;
      eventType: string;
      /** The meeting request's or deal's id. */
      subject?: string;
      /** The scheme that was verified: `v3`, `t,v1`, `bearer`. */
      verified: string;
      duplicate: boolean;
    }
  | { type: 'refused'; source?: InboxSource; code: string; status: number; message: string }
  | { type: 'delivered'; source: InboxSource; eventType: string; subject?: string; workflowId: string }
  | { type: 'ignored'; source: InboxSource; eventType: string; subject?: string; reason: string }
  | { type: 'unmatched'; source: InboxSource; eventType: string; subject?: string }
  | { type: 'retrying'; source: InboxSource; eventType: string; subject?: string; reason: string; delayMs: number }
  | { type: 'dead'; source: InboxSource; eventType: string; subject?: string; reason: string }
  | { type: 'kickoff_started'; workflowId: string; dealId: string; dealName: string; account: string }
  | {
      type: 'recovery_started';
      workflowId: string;
      leadId: string;
      /** Left out: nobody knows it. An address is not told. */
      leadName?: string;
      company?: string;
      form: string;
    };

export type OnTriggerEvent = (event: TriggerEvent) => void;

/** Wraps a listener so that a live view which fails cannot make an event be refused or held back. */
export function guarded(onEvent: OnTriggerEvent | undefined, logger: Logger): OnTriggerEvent {
  return (event) => {
    try {
      onEvent?.(event);
    } catch (err) {
      logger.error({ err, event: event.type }, 'the live view failed');
    }
  };
}
