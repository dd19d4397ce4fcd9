import {
  createWebhookEndpointSchema,
  listDeliveriesQuerySchema,
  listWebhookEndpointsQuerySchema,
  updateWebhookEndpointSchema,
} from '../../skipup/schemas.ts';
import {
  deliveryAnswerSchema,
  endpointAnswerSchema,
  newEndpointAnswerSchema,
  oneOf,
  pageOf,
  webhookTestAnswerSchema,
} from './answers.ts';
import { nothingSchema, operation } from './operation.ts';
import * as samples from './samples.ts';

const tag = 'Webhook endpoints';
const read = { tag, scope: 'webhooks.read' } as const;
const write = { tag, scope: 'webhooks.write' } as const;
const URL_RULE =
  'The URL must be HTTPS and lead to a public address; on the sandbox’s own machine plain HTTP will do, and the setting ' +
  '`allowPrivateAddresses` opens its neighbourhood.';

export const endpointOperations = {
  createWebhookEndpoint: operation({
    id: 'createWebhookEndpoint',
    method: 'POST',
    path: '/webhook_endpoints',
    ...write,
    summary: 'Create a webhook endpoint',
    description:
      `Deliveries begin at once. ${URL_RULE} The endpoint’s own \`headers\` come with every delivery, but never in the ` +
      'place of those that sign it.\n\n' +
      'The answer shows the signing secret as `secret`, this one time. (Where SkipUp itself shows it is not documented; ' +
      'a sandbox must show it somewhere.)',
    query: nothingSchema,
    body: createWebhookEndpointSchema,
    bodyIs: 'required',
    answer: {
      status: 201,
      description: 'Created, with its signing secret.',
      schema: oneOf(newEndpointAnswerSchema),
      example: { data: { ...samples.endpointAnswer, secret: 'whsec_0f3b…' } },
    },
    samples: [{ summary: 'What a kickoff pipeline listens to', body: samples.endpointBody }],
    follows: [
      { to: 'getWebhookEndpoint', description: 'Whether it is still on.' },
      { to: 'updateWebhookEndpoint', description: 'Change it.' },
      { to: 'testWebhookEndpoint', description: 'Try it.' },
      { to: 'listWebhookDeliveries', description: 'What was sent there.' },
      { to: 'deleteWebhookEndpoint', description: 'Remove it.' },
    ],
  }),

  listWebhookEndpoints: operation({
    id: 'listWebhookEndpoints',
    method: 'GET',
    path: '/webhook_endpoints',
    ...read,
    summary: 'List webhook endpoints',
    description: 'Newest first, in pages.',
    query: listWebhookEndpointsQuerySchema,
    body: nothingSchema,
    bodyIs: 'none',
    answer: {
      status: 200,
      description: 'One page.',
      schema: pageOf(endpointAnswerSchema),
      example: { data: [samples.endpointAnswer], meta: samples.lastPage },
    },
    samples: [{ summary: 'All of them' }],
  }),

  getWebhookEndpoint: operation({
    id: 'getWebhookEndpoint',
    method: 'GET',
    path: '/webhook_endpoints/{id}',
    ...read,
    summary: 'Read a webhook endpoint',
    description: 'An endpoint that failed too often has `enabled: false` and says why in `disabled_reason`.',
    query: nothingSchema,
    body: nothingSchema,
    bodyIs: 'none',
    answer: {
      status: 200,
      description: 'The endpoint, without its secret.',
      schema: oneOf(endpointAnswerSchema),
      example: {
        data: {
          ...samples.endpointAnswer,
          enabled: false,
          disabled_at: '2026-02-12T18:04:11Z',
          disabled_reason: 'too_many_failures',
          updated_at: '2026-02-12T18:04:11Z',
        },
      },
    },
    samples: [{ summary: 'One endpoint' }],
  }),

  updateWebhookEndpoint: operation({
    id: 'updateWebhookEndpoint',
    method: 'PATCH',
    path: '/webhook_endpoints/{id}',
    ...write,
    summary: 'Update a webhook endpoint',
    description:
      'Changes what is given and leaves the rest. `enabled: false` holds deliveries back, `true` lets those that waited ' +
      `go out, also after an automatic disabling. ${URL_RULE}`,
    query: nothingSchema,
    body: updateWebhookEndpointSchema,
    bodyIs: 'required',
    answer: {
      status: 200,
      description: 'The endpoint as it is now.',
      schema: oneOf(endpointAnswerSchema),
      example: { data: { ...samples.endpointAnswer, updated_at: '2026-02-12T19:00:00Z' } },
    },
    samples: [{ summary: 'Switch it on again', body: { enabled: true } }],
  }),

  deleteWebhookEndpoint: operation({
    id: 'deleteWebhookEndpoint',
    method: 'DELETE',
    path: '/webhook_endpoints/{id}',
    ...write,
    summary: 'Delete a webhook endpoint',
    description: 'Deliveries that have not been made are dropped with it.',
    query: nothingSchema,
    body: nothingSchema,
    bodyIs: 'none',
    answer: { status: 204, description: 'Deleted.' },
    samples: [{ summary: 'For good' }],
  }),

  testWebhookEndpoint: operation({
    id: 'testWebhookEndpoint',
    method: 'POST',
    path: '/webhook_endpoints/{id}/test',
    ...write,
    summary: 'Send a test delivery',
    description:
      'Queues a delivery of the event `test`, whatever the endpoint has subscribed to, and also when it is switched ' +
      'off: that is how one finds out whether to switch it on.',
    query: nothingSchema,
    body: nothingSchema,
    bodyIs: 'optional',
    answer: {
      status: 200,
      description: 'Queued.',
      schema: oneOf(webhookTestAnswerSchema),
      example: { data: samples.testAnswer },
    },
    samples: [{ summary: 'Without a body' }],
  }),

  listWebhookDeliveries: operation({
    id: 'listWebhookDeliveries',
    method: 'GET',
    path: '/webhook_endpoints/{id}/deliveries',
    ...read,
    summary: 'List deliveries',
    description: 'What was sent to one endpoint, newest first, in pages, with the payloads.',
    query: listDeliveriesQuerySchema,
    body: nothingSchema,
    bodyIs: 'none',
    answer: {
      status: 200,
      description: 'One page.',
      schema: pageOf(deliveryAnswerSchema),
      example: { data: [samples.deliveryAnswer], meta: samples.lastPage },
    },
    samples: [{ summary: 'What did not get through', query: { status: 'failed' } }],
  }),
};
