import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { type JournalEntry, journalEntrySchema } from '../../sandbox/index.ts';
import type { CommandContext } from '../command-context.ts';
import type { SandboxPlace } from '../sandbox-control.ts';
import { SandboxControl } from '../sandbox-control.ts';

const journalSchema = z.object({ entries: z.array(journalEntrySchema), last: z.int() });
/** How often a journal that is followed is looked at. */
const LOOK_EVERY_MS = 250;

export interface JournalOptions extends SandboxPlace {
  follow?: boolean;
  type?: string;
  after?: number;
}

/** Shows what has happened in the sandbox: calls, conversations, deliveries; with `follow` also what happens from now on. */
export async function sandboxJournal(context: CommandContext, options: JournalOptions): Promise<void> {
  const control = new SandboxControl(context, options);
  const { output, signal } = context;
  let after = options.after ?? 0;
  for (;;) {
    const { entries, last } = await control.get('/journal', journalSchema, { query: { after, type: options.type } });
    for (const entry of entries) {
      output.emit(entry, `${String(entry.seq).padStart(5)}  ${entry.at}  ${inWords(entry)}`);
    }
    if (options.follow !== true) return;
    // A sandbox that was reset counts from the beginning.
    after = last < after ? 0 : last;
    await sleep(LOOK_EVERY_MS, undefined, { signal });
  }
}

function inWords(entry: JournalEntry): string {
  switch (entry.type) {
    case 'api':
      return join(`${entry.method} ${entry.path} → ${entry.status ?? 'dropped'}`, entry.idempotencyKey, struck(entry));
    case 'conversation':
      return `${entry.requestId}  ${entry.from}: ${entry.text}`;
    case 'meeting_request': {
      const slot = entry.slot === undefined ? undefined : `for ${entry.slot.start}`;
      return join(`${entry.requestId}  ${entry.change}, now ${entry.status}`, slot);
    }
    case 'delivery': {
      const answer = entry.responseCode === null ? entry.error : `answered ${entry.responseCode}`;
      const next = entry.nextAttemptAt === undefined ? undefined : `again at ${entry.nextAttemptAt}`;
      const attempt = entry.resent === true ? 'sent again' : `attempt ${entry.attempt}`;
      const head = `webhook ${entry.event} ${entry.outcome}, ${attempt}`;
      return join(`${head}  ${entry.deliveryId} → ${entry.url}`, answer, next, struck(entry));
    }
    case 'endpoint_disabled':
      return `endpoint ${entry.endpointId} switched off: ${entry.reason}  ${entry.url}`;
    case 'crm':
      return join(`crm ${entry.action} by ${entry.source}`, entry.dealId, entry.text);
    case 'crm_webhook':
      return join(
        `crm webhook ${entry.outcome}, attempt ${entry.attempt}, ${entry.events} events → ${entry.url}`,
        entry.error,
      );
    case 'slack':
      return `slack ${entry.text}`;
  }
}

function struck({ faults }: { faults?: string[] | undefined }): string | undefined {
  return faults === undefined ? undefined : `[${faults.join(', ')}]`;
}

function join(...parts: (string | undefined)[]): string {
  return parts.filter((part) => part !== undefined).join('  ');
}
