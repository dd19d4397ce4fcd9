import type { Poster } from '../http/post.ts';
import { drawBetween } from '../seed.ts';
import type { CrmNotice } from '../state/schema.ts';
import type { Workspace } from '../workspace.ts';
import type { Merge } from './merge.ts';
import { hubspotSignatureHeaders } from './signature.ts';

/** HubSpot waits so long for an answer, in real ms. */
const TIMEOUT_MS = 5_000;
const MINUTE_MS = 60_000;
/** HubSpot tries ten times more, over 24 hours; how the gaps grow is not published. */
const RETRY_AFTER_MINUTES = [1, 3, 10, 30, 60, 120, 180, 240, 300, 360];
/** The portal that the sandbox pretends to be. */
export const PORTAL_ID = 4242424;
const APP_ID = 1313131;

/** What HubSpot says about one change; `object` is the newer form of the same. */
export interface ChangeNotice {
  objectId: string;
  property: string;
  value: string;
  /** `CRM_UI` for a person, `INTEGRATION` for a call to the API. */
  changeSource: 'CRM_UI' | 'INTEGRATION';
  form?: NoticeForm;
}

/** HubSpot's older and newer words for the same event: `deal.merge`, `object.merge`. */
export type NoticeForm = 'deal' | 'object';

/** How one attempt to send a notice went. */
export interface NoticeOutcome {
  status: number | null;
  error?: string;
}

/** Tells the CRM's webhook URL about changed deals, as HubSpot does: signed arrays of events, tried again for a day. */
export class CrmNotices {
  readonly #workspace: Workspace;
  readonly #poster: Poster;

  constructor(workspace: Workspace, poster: Poster) {
    this.#workspace = workspace;
    this.#poster = poster;
  }

  /** An event in HubSpot's documented form. Its ids come from the seed. */
  event(change: ChangeNotice): Record<string, unknown> {
    return {
      ...this.#common('propertyChange', change.form),
      objectId: Number(change.objectId),
      propertyName: change.property,
      propertyValue: change.value,
      changeSource: change.changeSource,
      sourceId: change.changeSource === 'CRM_UI' ? 'userId:7100100' : String(APP_ID),
    };
  }

  /** The same about a contact: what a form, or a booking, has changed of it. */
  contactEvent(contactId: string, change: { property: string; value: string }, isNewer: boolean): object {
    return {
      ...this.#common('propertyChange', isNewer ? 'object' : 'contact'),
      ...(isNewer ? { objectTypeId: '0-1' } : {}),
      objectId: Number(contactId),
      propertyName: change.property,
      propertyValue: change.value,
      changeSource: 'FORM',
      sourceId: 'sandbox form',
    };
  }

  /** Posts one body now, and once; for what HubSpot's workflows and other systems send. */
  async post(url: string, body: string, headers: Record<string, string>): Promise<NoticeOutcome> {
    const sent = { 'content-type': 'application/json', ...headers };
    const { status, error } = await this.#poster.post({ url, headers: sent, body, timeoutMs: TIMEOUT_MS });
    return { status, ...(error === undefined ? {} : { error }) };
  }

  /** The event of a merge: it has ids of its own, and no change of stage comes with it. */
  mergeEvent(merge: Merge, form?: NoticeForm): Record<string, unknown> {
    return {
      ...this.#common('merge', form),
      primaryObjectId: Number(merge.primaryObjectId),
      mergedObjectIds: merge.mergedObjectIds.map(Number),
      newObjectId: Number(merge.newObjectId),
      numberOfPropertiesMoved: merge.numberOfPropertiesMoved,
      changeSource: 'CRM_UI',
    };
  }

  deletionEvent(dealId: string, form?: NoticeForm): Record<string, unknown> {
    return { ...this.#common('deletion', form), objectId: Number(dealId), changeSource: 'CRM_UI' };
  }

  /** What every event has. */
  #common(
    change: 'propertyChange' | 'merge' | 'deletion',
    form: NoticeForm | 'contact' = 'deal',
  ): Record<string, unknown> {
    const { seed } = this.#workspace.state;
    const nth = this.#workspace.count('crm event');
    return {
      eventId: drawBetween(1, 2 ** 31 - 1, seed, 'crm event', nth),
      subscriptionId: form === 'object' ? 2200002 : 2200001,
      portalId: PORTAL_ID,
      appId: APP_ID,
      occurredAt: Math.round(this.#workspace.now()),
      subscriptionType: `${form}.${change}`,
      attemptNumber: 0,
      ...(form === 'object' ? { objectTypeId: '0-3' } : {}),
    };
  }

  /** Queues one request that carries these events. Without a webhook URL nobody is told. */
  add(events: Record<string, unknown>[]): CrmNotice | undefined {
    const { crm } = this.#workspace.state;
    if (crm.webhookUrl === null) return undefined;
    const notice: CrmNotice = { id: this.#workspace.next('hn').id, attempts: 0, events };
    crm.notices.set(notice.id, notice);
    this.#workspace.agenda.add({ kind: 'crm_notice', noticeId: notice.id, dueAt: this.#workspace.now() });
    return notice;
  }

  /** Sends a notice now, ahead of the agenda, and says how it went. */
  async hasten(notice: CrmNotice): Promise<NoticeOutcome> {
    this.#workspace.agenda.takeBack(notice.id);
    return this.#attempt(notice);
  }

  /** Makes the attempt that is due. */
  async attempt(noticeId: string): Promise<void> {
    const notice = this.#workspace.state.crm.notices.get(noticeId);
    if (notice !== undefined) await this.#attempt(notice);
  }

  /** After a start: attempts that a crash cut off are made again. */
  recover(): void {
    const { agenda, state } = this.#workspace;
    for (const { id } of state.crm.notices.values()) {
      if (!agenda.has(id)) agenda.add({ kind: 'crm_notice', noticeId: id, dueAt: this.#workspace.now() });
    }
  }

  async #attempt(notice: CrmNotice): Promise<NoticeOutcome> {
    const { crm } = this.#workspace.state;
    const url = crm.webhookUrl;
    if (url === null) return { status: null, error: 'no webhook URL is set' };
    const body = JSON.stringify(notice.events.map((event) => ({ ...event, attemptNumber: notice.attempts })));
    const signed = hubspotSignatureHeaders('POST', url, body, crm.clientSecret, this.#workspace.real());
    const headers = { 'content-type': 'application/json', 'user-agent': 'HubSpot Connect 2.0 (sandbox)', ...signed };
    const outcome = await this.#poster.post({ url, headers, body, timeoutMs: TIMEOUT_MS });
    if (outcome.aborted !== true && this.#workspace.state.crm.notices.get(notice.id) === notice) {
      this.#settle(notice, url, outcome);
    }
    return { status: outcome.status, ...(outcome.error === undefined ? {} : { error: outcome.error }) };
  }

  #settle(notice: CrmNotice, url: string, { status, error }: NoticeOutcome): void {
    const { agenda, state } = this.#workspace;
    notice.attempts += 1;
    const outcome = status !== null && status >= 200 && status < 300 ? 'success' : 'failed';
    const retry = outcome === 'success' ? undefined : RETRY_AFTER_MINUTES[notice.attempts - 1];
    if (retry === undefined) state.crm.notices.delete(notice.id);
    else {
      const dueAt = this.#workspace.now() + retry * MINUTE_MS;
      agenda.add({ kind: 'crm_notice', noticeId: notice.id, dueAt });
    }
    const told = {
      noticeId: notice.id,
      url,
      attempt: notice.attempts,
      events: notice.events.length,
      outcome: outcome satisfies 'success' | 'failed',
      responseCode: status,
      ...(error === undefined ? {} : { error }),
    } as const;
    if (outcome === 'failed') this.#workspace.log.warn(told, 'CRM webhook failed');
    this.#workspace.emit({ type: 'crm_webhook', at: this.#workspace.isoNow(), ...told });
  }
}
