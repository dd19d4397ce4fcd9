import type { FastifyInstance } from 'fastify';
import { dealEventJsonSchema } from '../crm/index.ts';
import { TRIGGER_ERRORS } from './errors.ts';

/** What an error of each status means for the sender. Those that are not here never answer a deal event. */
const REFUSALS = {
  400: 'The event is not as documented; the message names every field that is wrong. The same event is refused again.',
  401: 'The sender did not prove who it is: the signature or the token is missing, wrong or too old.',
  408: 'The request did not come in completely in the time allowed. Send it again.',
  413: 'The body is too large (256 kB unless configured otherwise).',
  415: 'The Content-Type cannot be read. Send application/json.',
  500: 'Something is wrong here. Send it again.',
  503: 'The event was not stored, or neither secrets nor tokens are configured. Send it again after Retry-After.',
} as const;

const ERROR_REFERENCE = { $ref: '#/components/schemas/Error' };

/** The address of the JSON Schema, and of the OpenAPI document. */
const SCHEMA_PATH = '/schemas/deal-event.json';
const OPENAPI_PATH = '/openapi.json';

/**
 * The OpenAPI 3.1 document of `POST /triggers/deal`, made from what checks the events and from the table of errors. The
 * committed `docs/openapi.json` is this, written by `npm run build -- --schema`.
 */
export function dealOpenApi(): Record<string, unknown> {
  const { $schema: _dialect, examples, ...event } = dealEventJsonSchema();
  return {
    openapi: '3.1.0',
    info: {
      title: 'Kickoff: deals from any system',
      version: '1',
      description: 'A deal that is posted here starts its kickoff. What comes twice starts nothing twice.',
    },
    servers: [{ url: '/' }],
    paths: {
      '/triggers/deal': {
        post: {
          operationId: 'postDealEvent',
          summary: 'A deal was won',
          description:
            'The event is stored and acknowledged; the kickoff starts moments later. Repeat what is not answered with 202.',
          security: [{ signature: [] }, { token: [] }],
          requestBody: {
            required: true,
            content: {
              'application/json': {
                schema: { $ref: '#/components/schemas/DealEvent' },
                examples: Object.fromEntries(
                  [examples].flat().map((value, index) => [`example${index + 1}`, { value }]),
                ),
              },
            },
          },
          responses: { 202: ACCEPTED, ...refusals() },
        },
      },
    },
    components: {
      schemas: { DealEvent: event, Error: errorSchema() },
      securitySchemes: {
        signature: {
          type: 'apiKey',
          in: 'header',
          name: 'X-Webhook-Signature',
          description:
            't=<unix seconds>,v1=<hex>, where v1 is HMAC-SHA256 over "<t>.<raw body>" with one of DEAL_TRIGGER_SECRETS. t may be five minutes off.',
        },
        token: {
          type: 'http',
          scheme: 'bearer',
          description:
            'One of DEAL_TRIGGER_TOKENS, for senders that cannot sign. A wrong signature is not saved by it.',
        },
      },
    },
  };
}

const ACCEPTED = {
  description: 'The event is stored.',
  content: {
    'application/json': {
      schema: {
        type: 'object',
        properties: {
          received: { const: true, description: 'Always true.' },
          duplicates: { type: 'integer', minimum: 0, maximum: 1, description: '1 when the event was known already.' },
        },
        required: ['received', 'duplicates'],
        additionalProperties: false,
      },
    },
  },
};

function refusals(): Record<string, unknown> {
  const retryAfter = { 'Retry-After': { description: 'Seconds.', schema: { type: 'integer', minimum: 1 } } };
  return Object.fromEntries(
    Object.entries(REFUSALS).map(([status, description]) => [
      status,
      {
        description: `${description} Types: ${codesOf(Number(status)).join(', ')}.`,
        ...(status === '503' ? { headers: retryAfter } : {}),
        content: { 'application/json': { schema: ERROR_REFERENCE } },
      },
    ]),
  );
}

function errorSchema(): Record<string, unknown> {
  const codes = Object.keys(REFUSALS).flatMap((status) => codesOf(Number(status)));
  return {
    type: 'object',
    description: 'Every error has this body.',
    properties: {
      error: {
        type: 'object',
        properties: {
          type: { enum: codes, description: 'For programs.' },
          message: { type: 'string', description: 'For people: what is wrong and what to do next.' },
        },
        required: ['type', 'message'],
        additionalProperties: false,
      },
    },
    required: ['error'],
    additionalProperties: false,
  };
}

function codesOf(status: number): string[] {
  return Object.entries(TRIGGER_ERRORS).flatMap(([code, its]) => (its === status ? [code] : []));
}

/** `GET /openapi.json` and `GET /schemas/deal-event.json`. They hold nothing of this installation, so anybody may read them. */
export function addDealOpenApi(app: FastifyInstance): void {
  const openApi = JSON.stringify(dealOpenApi());
  const schema = JSON.stringify(dealEventJsonSchema());
  app.get(OPENAPI_PATH, async (_request, reply) => reply.type('application/json; charset=utf-8').send(openApi));
  app.get(SCHEMA_PATH, async (_request, reply) => reply.type('application/schema+json; charset=utf-8').send(schema));
}
