import { ControlError } from '../errors.ts';
import { DELIVERY_FAULTS } from '../faults.ts';
import { Lanes } from '../http/lanes.ts';
import type { Poster, PostOutcome } from '../http/post.ts';
import type { WebhookPayload } from '../meeting/payloads.ts';
import type { Delivery, Endpoint } from '../state/schema.ts';
import { iso } from '../time/instant.ts';
import type { Workspace } from '../workspace.ts';
import { HeldBack } from './held-back.ts';
import { letterOf } from './letter.ts';
import { ATTEMPT_TIMEOUT_MS, delayAfter, FAILURE_WINDOW_MS, MAX_ATTEMPTS } from './retry.ts';

const TEST_EVENT = 'test';

/**
 * Webhooks on their way: one delivery for each endpoint that has subscribed, each attempt signed, failed ones tried again by
 * SkipUp's table, endpoints that fail too often switched off.
 */
export class Deliveries {
  readonly #workspace: Workspace;
  readonly #poster: Poster;
  readonly #lanes = new Lanes();
  readonly #heldBack = new HeldBack();

  constructor(workspace: Workspace, poster: Poster) {
    this.#workspace = workspace;
    this.#poster = poster;
  }

  /** Makes a delivery for each endpoint that is on and has subscribed; the first attempt is due at once. */
  announce(payload: WebhookPayload): Delivery[] {
    const made: Delivery[] = [];
    for (const endpoint of this.#workspace.state.endpoints.values()) {
      if (!endpoint.enabled || !endpoint.events.includes(payload.event)) continue;
      made.push(this.deliver(endpoint, payload));
    }
    return made;
  }

  /** Makes a delivery for one endpoint. When a fault loses the webhook it is neither sent nor listed. */
  deliver(endpoint: Endpoint, payload: WebhookPayload): Delivery {
    const faults = this.#workspace.faults.forWebhook(DELIVERY_FAULTS, payload.event, endpoint.id);
    const delivery = this.#record(endpoint, payload);
    if (faults.some((fault) => fault.fault === 'webhook_drop')) {
      this.#say(delivery, endpoint, { status: null }, 'dropped', ['webhook_drop']);
      return delivery;
    }
    this.#workspace.state.deliveries.set(delivery.id, delivery);
    let dueAt = this.#workspace.now();
    for (const fault of faults) {
      if (fault.fault === 'webhook_delay') dueAt += fault.delayMs;
      if (fault.fault !== 'webhook_reorder') continue;
      dueAt += fault.limitMs;
      this.#heldBack.hold(delivery, fault.behind, fault.of);
    }
    this.#workspace.agenda.add({ kind: 'deliver', deliveryId: delivery.id, dueAt });
    if (faults.some((fault) => fault.fault === 'webhook_duplicate')) {
      this.#workspace.agenda.add({ kind: 'deliver', deliveryId: delivery.id, dueAt });
    }
    return delivery;
  }

  /** Attempts these deliveries now, ahead of the agenda. */
  async hasten(deliveries: readonly Delivery[]): Promise<void> {
    for (const { id } of deliveries) this.#workspace.agenda.takeBack(id);
    await Promise.all(deliveries.map((delivery) => this.attempt(delivery.id)));
  }

  /**
   * Makes one attempt. A delivery that is gone is left alone; one whose endpoint is off waits, because `enabled: false`
   * pauses deliveries and `true` resumes them. The test delivery goes to an endpoint that is off, too: it is how one finds
   * out whether to switch it on.
   *
   * @param turn what to wait for before the outcome is written down
   */
  async attempt(deliveryId: string, turn?: Promise<void>): Promise<void> {
    const { delivery, endpoint } = this.#find(deliveryId);
    if (delivery === undefined || endpoint === undefined) return;
    await this.#lanes.run(endpoint.id, async () => {
      if (!this.#stillThere(delivery, endpoint)) return;
      if (delivery.status === 'failed' || (!endpoint.enabled && delivery.eventType !== TEST_EVENT)) return;
      const sent = await this.#send(delivery, endpoint, this.#workspace.state.settings.signEachAttempt);
      await turn;
      if (sent === undefined || !this.#stillThere(delivery, endpoint)) return;
      this.#settle(delivery, endpoint, sent.outcome, sent.faults);
      if (delivery.attempts === 1) this.#letGo(this.#heldBack.gone(delivery));
    });
  }

  /**
   * Sends a delivery once more, whatever became of it, with a fresh signature; failing, it is not tried again for that.
   *
   * @returns the delivery, and whether the receiver took it
   * @throws ControlError 404 for an unknown delivery, 409 when its endpoint is off
   */
  async resend(deliveryId: string): Promise<{ delivery: Delivery; ok: boolean }> {
    const { delivery, endpoint } = this.#find(deliveryId);
    if (delivery === undefined || endpoint === undefined)
      throw new ControlError(404, `There is no delivery ${deliveryId}.`);
    if (!endpoint.enabled && delivery.eventType !== TEST_EVENT) {
      throw new ControlError(
        409,
        `Webhook endpoint ${endpoint.id} is off. Switch it on first: PATCH {"enabled": true}.`,
      );
    }
    return await this.#lanes.run(endpoint.id, async () => {
      const sent = this.#stillThere(delivery, endpoint) ? await this.#send(delivery, endpoint, true) : undefined;
      if (sent === undefined)
        throw new ControlError(409, `Delivery ${deliveryId} is gone: its endpoint was deleted or the sandbox reset.`);
      return { delivery, ok: this.#settleResent(delivery, endpoint, sent.outcome, sent.faults) };
    });
  }

  /** The endpoint is on again: what waited for it goes out. */
  resume(endpoint: Endpoint): void {
    endpoint.failures = [];
    this.#queueWaiting((delivery) => delivery.endpointId === endpoint.id);
  }

  /** After a start: attempts that a crash cut off are made again. */
  recover(): void {
    const { endpoints } = this.#workspace.state;
    this.#queueWaiting((delivery) => endpoints.get(delivery.endpointId)?.enabled === true);
  }

  /** The endpoint is deleted: pending deliveries are not sent. */
  forget(endpoint: Endpoint): void {
    const { agenda, state } = this.#workspace;
    for (const { id, endpointId } of state.deliveries.values()) {
      if (endpointId !== endpoint.id) continue;
      state.deliveries.delete(id);
      agenda.takeBack(id);
    }
  }

  #record(endpoint: Endpoint, payload: WebhookPayload): Delivery {
    const { id, seq } = this.#workspace.next('wd');
    return {
      seq,
      id,
      endpointId: endpoint.id,
      eventType: payload.event,
      status: 'pending',
      payload,
      responseCode: null,
      attempts: 0,
      deliveredAt: null,
      lastAttemptedAt: null,
      createdAt: this.#workspace.isoNow(),
      firstSignedAt: null,
    };
  }

  #queueWaiting(picked: (delivery: Delivery) => boolean): void {
    const { agenda, state } = this.#workspace;
    for (const delivery of state.deliveries.values()) {
      if (delivery.status !== 'pending' || agenda.has(delivery.id) || !picked(delivery)) continue;
      agenda.add({ kind: 'deliver', deliveryId: delivery.id, dueAt: this.#workspace.now() });
    }
  }

  /** Neither deleted nor swept away by a reset while the attempt waited or ran. */
  #stillThere(delivery: Delivery, endpoint: Endpoint): boolean {
    const { state } = this.#workspace;
    return state.deliveries.get(delivery.id) === delivery && state.endpoints.get(endpoint.id) === endpoint;
  }

  #find(deliveryId: string): { delivery: Delivery | undefined; endpoint: Endpoint | undefined } {
    const { deliveries, endpoints } = this.#workspace.state;
    const delivery = deliveries.get(deliveryId);
    return { delivery, endpoint: delivery === undefined ? undefined : endpoints.get(delivery.endpointId) };
  }

  /** Posts one attempt; nothing when it does not count, because what it was about is gone or the sandbox was closed. */
  async #send(delivery: Delivery, endpoint: Endpoint, freshlySigned: boolean) {
    const second = Math.floor(this.#workspace.real() / 1000);
    delivery.firstSignedAt ??= second;
    const dated = freshlySigned ? second : delivery.firstSignedAt;
    const { faults, ...letter } = letterOf(delivery, endpoint, dated, this.#workspace.faults);
    const guarded = !this.#workspace.state.settings.allowPrivateAddresses;
    const outcome = await this.#poster.post({ ...letter, timeoutMs: ATTEMPT_TIMEOUT_MS, guarded });
    return outcome.aborted === true || !this.#stillThere(delivery, endpoint) ? undefined : { outcome, faults };
  }

  /** It is the turn of deliveries that were held back. */
  #letGo(deliveries: readonly Delivery[]): void {
    const { agenda, state } = this.#workspace;
    for (const delivery of deliveries) {
      if (state.deliveries.get(delivery.id) !== delivery) continue;
      for (const { kind } of agenda.takeBack(delivery.id)) {
        if (kind === 'deliver') agenda.add({ kind, deliveryId: delivery.id, dueAt: this.#workspace.now() });
      }
    }
  }

  #settle(delivery: Delivery, endpoint: Endpoint, outcome: PostOutcome, faults: string[]): void {
    const now = this.#workspace.now();
    delivery.attempts += 1;
    delivery.lastAttemptedAt = iso(now);
    const { status } = outcome;
    if (gotThrough(outcome)) {
      this.#delivered(delivery, status, now);
      this.#say(delivery, endpoint, outcome, 'success', faults);
      return;
    }
    // A duplicate that fails after its twin got through changes nothing.
    if (delivery.status !== 'pending') {
      this.#say(delivery, endpoint, outcome, 'failed', faults);
      return;
    }
    delivery.responseCode = status;
    const delayMs = delayAfter(delivery.attempts, this.#workspace.state.seed, delivery.id);
    if (delayMs === undefined) delivery.status = 'failed';
    else this.#workspace.agenda.add({ kind: 'deliver', deliveryId: delivery.id, dueAt: now + delayMs });
    this.#say(delivery, endpoint, outcome, 'failed', faults, delayMs === undefined ? undefined : iso(now + delayMs));
    const counts = this.#workspace.state.settings.autoDisableCounts;
    if (counts === 'attempts' || delayMs === undefined) this.#countFailure(endpoint, now);
  }

  #settleResent(delivery: Delivery, endpoint: Endpoint, outcome: PostOutcome, faults: string[]): boolean {
    const now = this.#workspace.now();
    delivery.attempts += 1;
    delivery.lastAttemptedAt = iso(now);
    const ok = gotThrough(outcome);
    if (ok) {
      this.#delivered(delivery, outcome.status, now);
      this.#workspace.agenda.takeBack(delivery.id);
    } else if (delivery.status !== 'success') {
      delivery.responseCode = outcome.status;
    }
    this.#say(delivery, endpoint, outcome, ok ? 'success' : 'failed', faults, undefined, true);
    return ok;
  }

  #delivered(delivery: Delivery, status: number | null, now: number): void {
    delivery.responseCode = status;
    delivery.status = 'success';
    delivery.deliveredAt ??= iso(now);
  }

  #countFailure(endpoint: Endpoint, now: number): void {
    endpoint.failures = [...endpoint.failures.filter((at) => at > now - FAILURE_WINDOW_MS), now];
    if (!endpoint.enabled || endpoint.failures.length < this.#workspace.state.settings.autoDisableAfter) return;
    endpoint.enabled = false;
    endpoint.disabledAt = iso(now);
    endpoint.disabledReason = 'too_many_failures';
    endpoint.updatedAt = iso(now);
    const { id, url, disabledReason: reason } = endpoint;
    this.#workspace.log.warn({ endpointId: id, url, reason }, 'webhook endpoint switched off');
    this.#workspace.emit({ type: 'endpoint_disabled', at: iso(now), endpointId: id, url, reason });
  }

  #say(
    delivery: Delivery,
    endpoint: Endpoint,
    { status, error }: PostOutcome,
    outcome: 'success' | 'failed' | 'dropped',
    faults: string[],
    nextAttemptAt?: string,
    resent = false,
  ): void {
    const requestId = delivery.payload.id;
    const told = {
      deliveryId: delivery.id,
      endpointId: endpoint.id,
      event: delivery.eventType,
      ...(typeof requestId === 'string' ? { requestId } : {}),
      url: endpoint.url,
      attempt: delivery.attempts,
      outcome,
      responseCode: status,
      ...(error === undefined ? {} : { error }),
      ...(faults.length === 0 ? {} : { faults }),
      ...(nextAttemptAt === undefined ? {} : { nextAttemptAt }),
      ...(resent ? { resent } : {}),
    };
    if (outcome === 'failed') {
      this.#workspace.log.warn({ ...told, of: MAX_ATTEMPTS }, 'webhook delivery failed');
    }
    this.#workspace.emit({ type: 'delivery', at: this.#workspace.isoNow(), ...told });
  }
}

/** "A delivery is considered successful when your server responds with a 2xx status code." */
function gotThrough({ status }: PostOutcome): boolean {
  return status !== null && status >= 200 && status < 300;
}
