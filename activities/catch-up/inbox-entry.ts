import type { CrmName, DealSignal } from '../../crm/index.ts';
import type { InboxEntry, InboxSource } from '../../database/index.ts';
import type { NewlyWon } from './newly-won.ts';

/** What a row of the inbox is called that no webhook has brought. */
const EVENT_TYPE = 'catch_up';

/** A deal that was won and told nobody, as the row that the relay reads like a webhook's. */
export function wonEntry(crm: CrmName, { deal, wonAt, lostAt }: NewlyWon): InboxEntry {
  const again = lostAt === undefined ? '' : `:lost:${lostAt.toISOString()}`;
  return entry(crm, {
    dealId: deal.dealId,
    transitionKey: `catch-up:${deal.dealId}:${wonAt}${again}`,
    occurredAt: wonAt,
  });
}

/**
 * A deal that is won no more and told nobody. The CRM does not say since when, so the stage names the transition, and the
 * hour lets it be told again should the deal have been won in between.
 */
export function lostEntry(crm: CrmName, lost: { dealId: string; stage: string | undefined; at: Date }): InboxEntry {
  const at = lost.at.toISOString();
  const stage = lost.stage ?? 'gone';
  return entry(crm, {
    dealId: lost.dealId,
    transitionKey: `catch-up:lost:${lost.dealId}:${stage}:${at.slice(0, 13)}`,
    occurredAt: at,
  });
}

/** A CRM's rows in the inbox. */
export function sourceOf(crm: CrmName): InboxSource {
  return crm === 'generic' ? 'deal' : crm;
}

function entry(crm: CrmName, signal: Pick<DealSignal, 'dealId' | 'transitionKey' | 'occurredAt'>): InboxEntry {
  const payload: DealSignal & { crm: CrmName } = { ...signal, crm, eventType: EVENT_TYPE };
  return {
    source: sourceOf(crm),
    dedupeKey: signal.transitionKey,
    eventType: EVENT_TYPE,
    subject: signal.dealId,
    payload,
  };
}
