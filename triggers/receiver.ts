import type { Logger } from 'pino';
import type { Verified } from '../crm/index.ts';
import { type Database, type InboxEntry, insertInbox, type Verification } from '../database/index.ts';
import { withinMs } from './deadline.ts';
import { TriggerError } from './errors.ts';
import type { OnTriggerEvent } from './events.ts';
import type { TriggerMetrics } from './metrics.ts';

/** What every receiver works with. */
export interface ReceiverContext {
  database: Database;
  relay: { wake(): void };
  logger: Logger;
  metrics: TriggerMetrics;
  onEvent: OnTriggerEvent;
  /** An insert that takes longer, in milliseconds, is answered 503; the sender's repeat finds the row if it came after all. */
  storeMs: number;
}

/** How a request was verified, and whose scheme that is. */
export interface VerifiedBy extends Verified {
  /** `skipup`, `deal`, `form`, or the CRM's name. */
  by: string;
}

/**
 * Stores verified events, all in one statement, and tells what came. Only after this may a request be acknowledged.
 *
 * @returns how many of the entries were known already
 * @throws TriggerError `storage_unavailable`; the sender repeats the request
 */
export async function storeAndTell(
  context: ReceiverContext,
  entries: InboxEntry[],
  verified: VerifiedBy,
): Promise<{ duplicates: number }> {
  const verification = verificationOf(verified);
  const { inserted, duplicates } = await store(
    context,
    entries.map((entry) => ({ ...entry, verification })),
  );
  if (entries.some(({ status }) => status !== 'ignored')) {
    context.relay.wake();
  }
  // Of a batch it is not known which of its events were new; it is a repeat when all were known.
  const duplicate = inserted === 0;
  for (const entry of entries) {
    tell(context, entry, verified.scheme, duplicate);
  }
  const source = entries[0]?.source;
  if (source !== undefined) {
    context.metrics.duplicates.inc({ source }, duplicates);
    context.logger.info({ source, events: entries.length, duplicates, verified: verified.scheme }, 'webhook stored');
  }
  return { duplicates };
}

/** What schemes are called in the inbox where that is not their own name. Of SkipUp's it is: `skipup-t,v1`. */
const STORED_AS: Record<string, string> = { 't,v1': 'signature', 'secret path': 'token' };

function verificationOf({ by, scheme, signedAt, secret }: VerifiedBy): Verification {
  return {
    by: `${by}-${by === 'skipup' ? scheme : (STORED_AS[scheme] ?? scheme)}`,
    ...(signedAt === undefined ? {} : { signedAt: signedAt.toISOString() }),
    ...(secret === undefined ? {} : { secret }),
  };
}

function tell(context: ReceiverContext, entry: InboxEntry, verified: string, duplicate: boolean): void {
  const { source, eventType, subject, reason } = entry;
  const about = { source, eventType, ...(subject === undefined ? {} : { subject }) };
  context.metrics.received.inc({ source });
  context.onEvent({ type: 'webhook_received', ...about, verified, duplicate });
  if (entry.status === 'ignored' && !duplicate) {
    context.metrics.ignored.inc({ source });
    context.onEvent({ type: 'ignored', ...about, reason: reason ?? '' });
  }
}

async function store(context: ReceiverContext, entries: InboxEntry[]) {
  try {
    return await withinMs(context.storeMs, 'storing', insertInbox(context.database.db, entries));
  } catch (cause) {
    throw new TriggerError(
      'storage_unavailable',
      'The event could not be stored and is not acknowledged. Send it again; check the database if this goes on.',
      { cause },
    );
  }
}

const NO_BYTES = new Uint8Array(0);

/** The body as it came over the wire; a request without one has none. */
export function rawBody(body: unknown): Uint8Array {
  return body instanceof Uint8Array ? body : NO_BYTES;
}
