import { isIP } from 'node:net';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import {
  createWebhookEndpointSchema,
  listDeliveriesQuerySchema,
  listWebhookEndpointsQuerySchema,
  updateWebhookEndpointSchema,
} from '../../skipup/schemas.ts';
import { invalid, notFound } from '../errors.ts';
import { paramOf } from '../http/read.ts';
import { testPayload } from '../meeting/payloads.ts';
import type { Sandboxed } from '../sandboxed.ts';
import { newSecret } from '../state/fresh.ts';
import type { Endpoint } from '../state/schema.ts';
import type { Gate } from './gate.ts';
import { pageOf } from './page.ts';
import { nothingSchema, readBody, readQuery } from './read.ts';
import { deliveryView, endpointView } from './views.ts';

function isLoopback(hostname: string): boolean {
  if (hostname === 'localhost' || hostname.endsWith('.localhost') || hostname === '[::1]') return true;
  return isIP(hostname) === 4 && hostname.startsWith('127.');
}

/** SkipUp takes HTTPS alone; on this machine HTTP will do. @throws ApiError 422 */
function checkUrl(given: string): void {
  const url = new URL(given);
  if (url.protocol === 'https:' || isLoopback(url.hostname)) return;
  throw invalid('url: The URL must use https.');
}

/** `/webhook_endpoints`: the endpoints, their test delivery and their deliveries. */
export function endpointRoutes(api: FastifyInstance, { workspace, deliveries }: Sandboxed, gate: Gate) {
  const find = (request: FastifyRequest): Endpoint => {
    const id = paramOf(request, 'id');
    const found = workspace.state.endpoints.get(id);
    if (found === undefined) throw notFound(`Webhook endpoint ${id} not found.`);
    return found;
  };

  api.post('/webhook_endpoints', async (request, reply) => {
    gate.enter(request, 'webhooks.write');
    const body = readBody(request, createWebhookEndpointSchema);
    checkUrl(body.url);
    const now = workspace.isoNow();
    const endpoint: Endpoint = {
      ...workspace.next('we'),
      url: body.url,
      description: body.description ?? null,
      enabled: true,
      events: [...new Set(body.events)],
      headers: body.headers ?? [],
      secret: workspace.state.webhookSecret ?? newSecret('whsec_'),
      disabledAt: null,
      disabledReason: null,
      createdAt: now,
      updatedAt: now,
      failures: [],
    };
    workspace.state.endpoints.set(endpoint.id, endpoint);
    // The one time that the secret is shown. SkipUp does not say where it shows it; a sandbox must show it somewhere.
    return reply.code(201).send({ data: { ...endpointView(endpoint), secret: endpoint.secret } });
  });

  api.get('/webhook_endpoints', async (request) => {
    gate.enter(request, 'webhooks.read');
    const query = readQuery(request, listWebhookEndpointsQuerySchema);
    const { page, meta } = pageOf('webhook_endpoints', workspace.state.endpoints.values(), query);
    return { data: page.map(endpointView), meta };
  });

  api.get('/webhook_endpoints/:id', async (request) => {
    gate.enter(request, 'webhooks.read');
    readQuery(request, nothingSchema);
    return { data: endpointView(find(request)) };
  });

  api.patch('/webhook_endpoints/:id', async (request) => {
    gate.enter(request, 'webhooks.write');
    const endpoint = find(request);
    const body = readBody(request, updateWebhookEndpointSchema);
    if (body.url !== undefined) checkUrl(body.url);
    endpoint.url = body.url ?? endpoint.url;
    endpoint.events = body.events === undefined ? endpoint.events : [...new Set(body.events)];
    endpoint.description = body.description ?? endpoint.description;
    endpoint.updatedAt = workspace.isoNow();
    if (body.enabled === true && !endpoint.enabled) {
      Object.assign(endpoint, { enabled: true, disabledAt: null, disabledReason: null });
      deliveries.resume(endpoint);
    } else if (body.enabled === false && endpoint.enabled) {
      Object.assign(endpoint, { enabled: false, disabledAt: endpoint.updatedAt, disabledReason: null });
    }
    return { data: endpointView(endpoint) };
  });

  api.delete('/webhook_endpoints/:id', async (request, reply) => {
    gate.enter(request, 'webhooks.write');
    const endpoint = find(request);
    workspace.state.endpoints.delete(endpoint.id);
    deliveries.forget(endpoint);
    return reply.code(204).send();
  });

  api.post('/webhook_endpoints/:id/test', async (request) => {
    gate.enter(request, 'webhooks.write');
    const endpoint = find(request);
    readBody(request, nothingSchema);
    const delivery = deliveries.deliver(endpoint, testPayload(workspace.isoNow()));
    return { data: { delivery_id: delivery.id, status: 'queued' } };
  });

  api.get('/webhook_endpoints/:id/deliveries', async (request) => {
    gate.enter(request, 'webhooks.read');
    const endpoint = find(request);
    const query = readQuery(request, listDeliveriesQuerySchema);
    const matching = [...workspace.state.deliveries.values()].filter(
      (delivery) =>
        delivery.endpointId === endpoint.id &&
        (query.status === undefined || delivery.status === query.status) &&
        (query.event_type === undefined || delivery.eventType === query.event_type),
    );
    const { page, meta } = pageOf(`deliveries ${endpoint.id}`, matching, query);
    return { data: page.map(deliveryView), meta };
  });
}
