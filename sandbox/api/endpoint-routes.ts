import type { FastifyInstance, FastifyRequest } from 'fastify';
import { notFound } from '../errors.ts';
import { paramOf } from '../http/read.ts';
import { sandboxedOf } from '../http/sandboxed-of.ts';
import { testPayload } from '../meeting/payloads.ts';
import { operations } from '../openapi/index.ts';
import { newSecret } from '../state/fresh.ts';
import type { Endpoint } from '../state/schema.ts';
import { checkEndpointUrl } from '../webhooks/endpoint-address.ts';
import { checkEndpointHeaders } from '../webhooks/endpoint-headers.ts';
import { pageOf } from './page.ts';
import { nothingToFind, serve } from './serve.ts';
import { deliveryView, endpointView } from './views.ts';

function endpointOf(request: FastifyRequest): Endpoint {
  const id = paramOf(request, 'id');
  const found = sandboxedOf(request).workspace.state.endpoints.get(id);
  if (found === undefined) throw notFound(`Webhook endpoint ${id} not found.`);
  return found;
}

/** `/webhook_endpoints`: the endpoints, their test delivery and their deliveries. */
export function endpointRoutes(api: FastifyInstance) {
  serve(api, operations.createWebhookEndpoint, nothingToFind, ({ sandboxed: { workspace }, body }) => {
    checkEndpointUrl(body.url, workspace.state.settings);
    checkEndpointHeaders(body.headers ?? []);
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
    return { data: { ...endpointView(endpoint), secret: endpoint.secret } };
  });

  serve(api, operations.listWebhookEndpoints, nothingToFind, ({ sandboxed: { workspace }, query }) => {
    const { page, meta } = pageOf('webhook_endpoints', workspace.state.endpoints.values(), query);
    return { data: page.map(endpointView), meta };
  });

  serve(api, operations.getWebhookEndpoint, endpointOf, ({ found }) => ({ data: endpointView(found) }));

  serve(api, operations.updateWebhookEndpoint, endpointOf, ({ sandboxed, found: endpoint, body }) => {
    const { workspace, deliveries } = sandboxed;
    if (body.url !== undefined) checkEndpointUrl(body.url, workspace.state.settings);
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

  serve(api, operations.deleteWebhookEndpoint, endpointOf, ({ sandboxed, found: endpoint }) => {
    sandboxed.workspace.state.endpoints.delete(endpoint.id);
    sandboxed.deliveries.forget(endpoint);
  });

  serve(api, operations.testWebhookEndpoint, endpointOf, ({ sandboxed: { workspace, deliveries }, found }) => {
    const delivery = deliveries.deliver(found, testPayload(workspace.isoNow()));
    return { data: { delivery_id: delivery.id, status: 'queued' } };
  });

  serve(api, operations.listWebhookDeliveries, endpointOf, ({ sandboxed: { workspace }, found: endpoint, query }) => {
    const { page, meta } = pageOf(
      `deliveries ${endpoint.id}`,
      workspace.state.deliveries.values(),
      query,
      (delivery) =>
        delivery.endpointId === endpoint.id &&
        (query.status === undefined || delivery.status === query.status) &&
        (query.event_type === undefined || delivery.eventType === query.event_type),
    );
    return { data: page.map(deliveryView), meta };
  });
}
