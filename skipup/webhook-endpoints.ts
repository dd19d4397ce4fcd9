import type { CallOptions } from './call-options.ts';
import { check, pathSegment } from './check.ts';
import { SkipUpNotFoundError } from './errors.ts';
import { PagedList } from './paged-list.ts';
import {
  type CreateWebhookEndpoint,
  createWebhookEndpointSchema,
  envelopeOf,
  type ListDeliveriesQuery,
  type ListWebhookEndpointsQuery,
  listDeliveriesQuerySchema,
  listWebhookEndpointsQuerySchema,
  pageOf,
  type UpdateWebhookEndpoint,
  updateWebhookEndpointSchema,
  type WebhookDelivery,
  type WebhookEndpoint,
  type WebhookTest,
  webhookDeliverySchema,
  webhookEndpointSchema,
  webhookTestSchema,
} from './schemas.ts';
import type { Transport } from './transport.ts';

const COLLECTION = '/webhook_endpoints';
const MEMBER = '/webhook_endpoints/:id';
const answerSchema = envelopeOf(webhookEndpointSchema);
const pageSchema = pageOf(webhookEndpointSchema);
const deliveriesSchema = pageOf(webhookDeliverySchema);
const testSchema = envelopeOf(webhookTestSchema);

/** `client.webhookEndpoints`; reads need the scope `webhooks.read`, everything else `webhooks.write`. */
export class WebhookEndpoints {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /**
   * Makes an endpoint; deliveries start at once, for the whole workspace. Has no idempotency key: after an `ambiguous`
   * error list the endpoints before making another.
   */
  async create(body: CreateWebhookEndpoint, options: CallOptions = {}): Promise<WebhookEndpoint> {
    const checked = check(createWebhookEndpointSchema, body, 'The webhook endpoint');
    const call = {
      method: 'POST',
      route: COLLECTION,
      path: COLLECTION,
      scope: 'webhooks.write',
      body: checked,
    } as const;
    return await this.#transport.scoped(options.signal, async (scope) => {
      return (await this.#transport.fetch(scope, { ...call, repeat: 'unless_ambiguous' }, answerSchema)).data;
    });
  }

  /** @throws SkipUpNotFoundError */
  async get(id: string, options: CallOptions = {}): Promise<WebhookEndpoint> {
    const path = `${COLLECTION}/${pathSegment(id)}`;
    const call = { method: 'GET', route: MEMBER, path, scope: 'webhooks.read', repeat: 'always' } as const;
    return await this.#transport.scoped(options.signal, async (scope) => {
      return (await this.#transport.fetch(scope, call, answerSchema)).data;
    });
  }

  /** The endpoints, newest first; look at `enabled`: SkipUp switches an endpoint off after ten failures in a day. */
  list(query: ListWebhookEndpointsQuery = {}, options: CallOptions = {}): PagedList<WebhookEndpoint> {
    const call = {
      method: 'GET',
      route: COLLECTION,
      path: COLLECTION,
      scope: 'webhooks.read',
      repeat: 'always',
    } as const;
    return new PagedList(async (cursor) => {
      const checked = check(listWebhookEndpointsQuerySchema, { ...query, cursor }, 'The query');
      return await this.#transport.scoped(options.signal, (scope) =>
        this.#transport.fetch(scope, { ...call, query: checked }, pageSchema),
      );
    }, query.cursor);
  }

  /** Changes the given fields; `{ enabled: true }` brings an endpoint back that SkipUp has switched off. */
  async update(id: string, body: UpdateWebhookEndpoint, options: CallOptions = {}): Promise<WebhookEndpoint> {
    const path = `${COLLECTION}/${pathSegment(id)}`;
    const checked = check(updateWebhookEndpointSchema, body, 'The change');
    const call = { method: 'PATCH', route: MEMBER, path, scope: 'webhooks.write', body: checked } as const;
    return await this.#transport.scoped(options.signal, async (scope) => {
      return (await this.#transport.fetch(scope, { ...call, repeat: 'always' }, answerSchema)).data;
    });
  }

  /** Deletes an endpoint; its pending deliveries are not sent any more. */
  async delete(id: string, options: CallOptions = {}): Promise<void> {
    const path = `${COLLECTION}/${pathSegment(id)}`;
    const call = { method: 'DELETE', route: MEMBER, path, scope: 'webhooks.write', repeat: 'always' } as const;
    await this.#transport.scoped(options.signal, async (scope) => {
      try {
        await this.#transport.fetchNothing(scope, call);
      } catch (error) {
        // Gone after an attempt whose answer was lost: that attempt has done it.
        if (!(error instanceof SkipUpNotFoundError && error.ambiguous)) throw error;
      }
    });
  }

  /** Asks SkipUp for a `test` delivery; it is queued and sent afterwards. */
  async test(id: string, options: CallOptions = {}): Promise<WebhookTest> {
    const path = `${COLLECTION}/${pathSegment(id)}/test`;
    const call = { method: 'POST', route: `${MEMBER}/test`, path, scope: 'webhooks.write' } as const;
    return await this.#transport.scoped(options.signal, async (scope) => {
      return (await this.#transport.fetch(scope, { ...call, repeat: 'unless_ambiguous' }, testSchema)).data;
    });
  }

  /**
   * What SkipUp has sent to an endpoint, newest first.
   * @param query - `status: 'failed'` finds what was given up after eight attempts
   */
  deliveries(id: string, query: ListDeliveriesQuery = {}, options: CallOptions = {}): PagedList<WebhookDelivery> {
    const call = { method: 'GET', route: `${MEMBER}/deliveries`, scope: 'webhooks.read', repeat: 'always' } as const;
    return new PagedList(async (cursor) => {
      const path = `${COLLECTION}/${pathSegment(id)}/deliveries`;
      const checked = check(listDeliveriesQuerySchema, { ...query, cursor }, 'The query');
      return await this.#transport.scoped(options.signal, (scope) =>
        this.#transport.fetch(scope, { ...call, path, query: checked }, deliveriesSchema),
      );
    }, query.cursor);
  }
}
