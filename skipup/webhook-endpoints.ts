import type { CallOptions, ListOptions } from './call-options.ts';
import { check, pathSegment } from './check.ts';
import type { PagedList } from './paged-list.ts';
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
import type { SkipUpPromise } from './skipup-promise.ts';
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
  create(body: CreateWebhookEndpoint, options: CallOptions = {}): SkipUpPromise<WebhookEndpoint> {
    return this.#transport.call(options, async (scope) => {
      const checked = check(createWebhookEndpointSchema, body, 'The webhook endpoint');
      const call = { method: 'POST', route: COLLECTION, path: COLLECTION, scope: 'webhooks.write' } as const;
      return await this.#transport.fetchOne(
        scope,
        { ...call, body: checked, repeat: 'unless_ambiguous' },
        answerSchema,
      );
    });
  }

  /** @throws SkipUpNotFoundError */
  get(id: string, options: CallOptions = {}): SkipUpPromise<WebhookEndpoint> {
    return this.#transport.call(options, async (scope) => {
      const path = `${COLLECTION}/${pathSegment(id)}`;
      const call = { method: 'GET', route: MEMBER, path, scope: 'webhooks.read' } as const;
      return await this.#transport.fetchOne(scope, { ...call, repeat: 'always' }, answerSchema);
    });
  }

  /** The endpoints, newest first; look at `enabled`: SkipUp switches an endpoint off after ten failures in a day. */
  list(query: ListWebhookEndpointsQuery = {}, options: ListOptions = {}): PagedList<WebhookEndpoint> {
    return this.#transport.list(options, query.cursor, pageSchema, (cursor) => ({
      method: 'GET',
      route: COLLECTION,
      path: COLLECTION,
      scope: 'webhooks.read',
      query: check(listWebhookEndpointsQuerySchema, { ...query, cursor }, 'The query'),
      repeat: 'always',
    }));
  }

  /** Changes the given fields; `{ enabled: true }` brings an endpoint back that SkipUp has switched off. */
  update(id: string, body: UpdateWebhookEndpoint, options: CallOptions = {}): SkipUpPromise<WebhookEndpoint> {
    return this.#transport.call(options, async (scope) => {
      const path = `${COLLECTION}/${pathSegment(id)}`;
      const checked = check(updateWebhookEndpointSchema, body, 'The change');
      const call = { method: 'PATCH', route: MEMBER, path, scope: 'webhooks.write', body: checked } as const;
      return await this.#transport.fetchOne(scope, { ...call, repeat: 'always' }, answerSchema);
    });
  }

  /** Deletes an endpoint; its pending deliveries are not sent any more. */
  delete(id: string, options: CallOptions = {}): SkipUpPromise<void> {
    return this.#transport.call(options, async (scope) => {
      const path = `${COLLECTION}/${pathSegment(id)}`;
      const call = { method: 'DELETE', route: MEMBER, path, scope: 'webhooks.write' } as const;
      return await this.#transport.fetchNothing(scope, { ...call, repeat: 'always', goneIsDone: true });
    });
  }

  /** Asks SkipUp for a `test` delivery; it is queued and sent afterwards. */
  test(id: string, options: CallOptions = {}): SkipUpPromise<WebhookTest> {
    return this.#transport.call(options, async (scope) => {
      const path = `${COLLECTION}/${pathSegment(id)}/test`;
      const call = { method: 'POST', route: `${MEMBER}/test`, path, scope: 'webhooks.write' } as const;
      return await this.#transport.fetchOne(scope, { ...call, repeat: 'unless_ambiguous' }, testSchema);
    });
  }

  /**
   * What SkipUp has sent to an endpoint, newest first.
   * @param query - `status: 'failed'` finds what was given up after eight attempts
   */
  deliveries(id: string, query: ListDeliveriesQuery = {}, options: ListOptions = {}): PagedList<WebhookDelivery> {
    return this.#transport.list(options, query.cursor, deliveriesSchema, (cursor) => ({
      method: 'GET',
      route: `${MEMBER}/deliveries`,
      path: `${COLLECTION}/${pathSegment(id)}/deliveries`,
      scope: 'webhooks.read',
      query: check(listDeliveriesQuerySchema, { ...query, cursor }, 'The query'),
      repeat: 'always',
    }));
  }
}
