import { type Crm, CrmError, type CrmName, type Deal } from '../crm/index.ts';
import { type Database, type InboxRow, type KickoffRow, kickoffsOfDeals, recordMerges } from '../database/index.ts';
import { startWonDeal } from '../temporal/index.ts';
import { type DealPayload, dealPayloadSchema } from './deal-payload.ts';
import { type Delivery, type SignalClient, type StartKickoff, TEMPORAL_DEADLINE_MS, wordsOf } from './delivery.ts';
import { type DealNews, type Told, tellLost, tellWon } from './tell-kickoffs.ts';

export interface DealDeliveryOptions {
  database: Database;
  crms: Partial<Record<CrmName, Crm>>;
  client: SignalClient;
  startKickoff: StartKickoff;
  /** The workstreams that start with a deal that is won. */
  workstreamsOf?: ((deal: Deal) => readonly string[]) | undefined;
  now: () => Date;
}

/** Reading a deal is up to four calls to the CRM; a row must be done well before its lease ends. */
const READ_LIMIT_MS = 10_000;
/** A kickoff that is ending mostly takes seconds; one whose failed step waits for a person may take weeks. */
const ENDING_WAIT_MS = { perAttempt: 2_000, most: 600_000 };

/**
 * A deal's transition becomes a kickoff, or news for the kickoff that the deal has. The deal is read again first: an event
 * only says that something changed, and it may be old by now.
 */
export async function deliverDeal(row: InboxRow, options: DealDeliveryOptions): Promise<Delivery> {
  const parsed = dealPayloadSchema.safeParse(row.payload);
  if (!parsed.success) {
    return { kind: 'dead', reason: 'the stored event is not as this version writes it; send the event again' };
  }
  const payload = parsed.data;
  if (payload.ignore !== undefined) {
    return { kind: 'ignored', reason: payload.ignore };
  }
  // Before the read: what is read is at least as new.
  const readAt = options.now().toISOString();
  const reading = payload.deal ?? (await read(payload, options.crms));
  if (reading !== 'gone' && 'kind' in reading) {
    return reading;
  }
  const formerIds = [payload.dealId, ...(payload.mergedIds ?? [])];
  await recordMerges(options.database.db, {
    crm: reading === 'gone' ? payload.crm : reading.crm,
    dealId: reading === 'gone' ? payload.dealId : reading.id,
    mergedIds: formerIds,
  });
  const deal = reading === 'gone' ? undefined : withFormerIds(reading, formerIds);
  const news = { deal, transitionKey: payload.transitionKey, at: payload.deal ? payload.occurredAt : readAt };
  const kickoffs = await kickoffsOfDeals(options.database.db, {
    crm: deal?.crm ?? payload.crm,
    dealIds: deal === undefined ? [payload.dealId] : [deal.id, ...(deal.mergedIds ?? [])],
  });
  return deal?.isWon === true
    ? await deliverWon(row, payload, { ...news, deal }, kickoffs, options)
    : await deliverLost(news, kickoffs, options);
}

/** A merged deal is read under its new id: the event's own names its kickoff too, and so do those that the event tells of. */
function withFormerIds(deal: Deal, ids: readonly string[]): Deal {
  const mergedIds = [...new Set([...(deal.mergedIds ?? []), ...ids])].filter((id) => id !== deal.id);
  return mergedIds.length === 0 ? deal : { ...deal, mergedIds };
}

async function deliverLost(
  news: DealNews,
  kickoffs: readonly KickoffRow[],
  options: DealDeliveryOptions,
): Promise<Delivery> {
  const told = await atTemporal(options, () => tellLost(kickoffs, news, options));
  if ('kind' in told) return told;
  const [workflowId] = 'workflowIds' in told ? told.workflowIds : [];
  if (workflowId !== undefined) return { kind: 'delivered', workflowId };
  const { deal } = news;
  const reason = deal === undefined ? 'unknown deal' : `deal is at stage ${deal.stage ?? 'unknown'}, not closed-won`;
  return { kind: 'ignored', reason };
}

async function deliverWon(
  row: InboxRow,
  payload: DealPayload,
  news: DealNews & { deal: Deal },
  kickoffs: readonly KickoffRow[],
  options: DealDeliveryOptions,
): Promise<Delivery> {
  const told = await atTemporal(options, () => tellWon(kickoffs, news, options));
  if ('kind' in told) return told;
  if ('ending' in told) {
    return untilClosed(row, `the deal is won again while its kickoff is being cancelled; the next one follows`);
  }
  const [workflowId] = told.workflowIds;
  const { deal } = news;
  const wanted =
    payload.workstream === undefined ? ['', ...(options.workstreamsOf?.(deal) ?? [])] : [payload.workstream];
  const isTold = (workstream: string) =>
    kickoffs.some((known) => known.workstream === workstream && told.workflowIds.includes(known.workflow_id));
  const missing = wanted.filter((workstream) => !isTold(workstream));
  if (workflowId !== undefined && (missing.length === 0 || payload.tellsOnly === true)) {
    return { kind: 'delivered', workflowId };
  }
  if (payload.tellsOnly === true) {
    return {
      kind: 'ignored',
      reason: `${payload.eventType} closes no sale, and no kickoff of deal ${deal.id} need know`,
    };
  }
  const started = await start(row, { payload, deal, kickoffs, missing }, options);
  // A kickoff of another workstream was told something: the row did not come in vain.
  return started.kind === 'ignored' && workflowId !== undefined ? { kind: 'delivered', workflowId } : started;
}

/** The kickoff before this one is still ending. */
function untilClosed(row: InboxRow, reason: string): Delivery {
  const waitMs = Math.min(row.attempts * ENDING_WAIT_MS.perAttempt, ENDING_WAIT_MS.most);
  return { kind: 'retry', reason, cause: undefined, isCounted: false, waitMs };
}

async function atTemporal({ client, now }: DealDeliveryOptions, tell: () => Promise<Told>): Promise<Told | Delivery> {
  try {
    return await client.connection.withDeadline(now().getTime() + TEMPORAL_DEADLINE_MS, tell);
  } catch (cause) {
    return { kind: 'retry', reason: `the kickoff could not be told: ${wordsOf(cause)}`, cause, isCounted: false };
  }
}

async function read(payload: DealPayload, crms: Partial<Record<CrmName, Crm>>): Promise<Deal | Delivery | 'gone'> {
  const crm = crms[payload.crm];
  if (crm === undefined) {
    const reason = `deal ${payload.dealId} is to be read from ${payload.crm}, which is not configured`;
    return { kind: 'retry', reason, cause: undefined, isCounted: true };
  }
  try {
    return await crm.readDeal(payload.dealId, AbortSignal.timeout(READ_LIMIT_MS));
  } catch (cause) {
    if (!(cause instanceof CrmError)) {
      return { kind: 'retry', reason: `reading the deal failed: ${wordsOf(cause)}`, cause, isCounted: true };
    }
    if (cause.code === 'not_found') {
      return 'gone';
    }
    return {
      kind: 'retry',
      reason: cause.message,
      cause,
      isCounted: !cause.retryable,
      ...(cause.retryAfterMs === undefined ? {} : { waitMs: cause.retryAfterMs }),
    };
  }
}

/** Starts what is missing of a won deal's kickoffs. The row leaves the inbox when all of them have started. */
async function start(
  row: InboxRow,
  won: { payload: DealPayload; deal: Deal; kickoffs: readonly KickoffRow[]; missing: readonly string[] },
  { crms, client, startKickoff, now }: DealDeliveryOptions,
): Promise<Delivery> {
  const { payload, deal, kickoffs, missing } = won;
  const pipelines = crms[deal.crm]?.pipelines;
  if (pipelines !== undefined && deal.pipeline !== undefined && !pipelines.includes(deal.pipeline)) {
    return { kind: 'ignored', reason: `Deal ${deal.id} is in pipeline ${deal.pipeline}, which is not configured.` };
  }
  try {
    const startOne = (workstream?: string) =>
      client.connection.withDeadline(now().getTime() + TEMPORAL_DEADLINE_MS, () =>
        startKickoff({
          deal,
          ...(workstream === undefined ? {} : { workstream }),
          origin: {
            kind: row.source === 'skipup' || row.source === 'form' ? 'deal' : row.source,
            reference: payload.transitionKey,
            receivedAt: new Date(row.received_at).toISOString(),
          },
        }),
      );
    const results =
      payload.workstream === undefined
        ? await startWonDeal(startOne, {
            workstreams: missing.filter((name) => name !== ''),
            known: kickoffs,
            isMainTold: !missing.includes(''),
          })
        : [await startOne(payload.workstream)];
    return deliveryOf(row, deal, results);
  } catch (cause) {
    return { kind: 'retry', reason: `the kickoff could not be started: ${wordsOf(cause)}`, cause, isCounted: false };
  }
}

function deliveryOf(row: InboxRow, deal: Deal, results: readonly Awaited<ReturnType<StartKickoff>>[]): Delivery {
  const waiting = results.find((result) => result.mustWait === true);
  if (waiting !== undefined) return untilClosed(row, waiting.message);
  const workflowIds = results.filter((result) => result.started).map((result) => result.workflowId);
  const [workflowId] = workflowIds;
  if (workflowId === undefined) {
    return { kind: 'ignored', reason: results[0]?.message ?? `Deal ${deal.id} has its kickoffs already.` };
  }
  const warning = results.flatMap((result) => result.warning ?? []).join(' ');
  return { kind: 'delivered', workflowId, started: { deal, workflowIds }, ...(warning === '' ? {} : { warning }) };
}
