import { TRIGGER_ERRORS } from './errors.ts';

/** What an error of each status means for the sender. Those that are not here never answer an event. */
const REFUSALS = {
  400: 'The event is not as documented; the message names every field that is wrong. The same event is refused again.',
  401: 'The sender did not prove who it is: the signature or the token is missing, wrong or too old.',
  408: 'The request did not come in completely in the time allowed. Send it again.',
  413: 'The body is too large (256 kB unless configured otherwise).',
  415: 'The Content-Type cannot be read. Send application/json.',
  500: 'Something is wrong here. Send it again.',
  503: 'The event was not stored, or what is needed for it is not configured. Send it again after Retry-After.',
} as const;

const ERROR_REFERENCE = { $ref: '#/components/schemas/Error' };

/** What is received, in words and as its JSON Schema. */
export interface ReceivedEvent {
  title: string;
  /** Of the document. */
  about: string;
  path: `/triggers/${string}`;
  operationId: string;
  summary: string;
  description: string;
  /** The schema's name among the components. */
  schemaName: string;
  jsonSchema: Record<string, unknown>;
  /** The variables that secrets and tokens stand in. */
  secrets: string;
  tokens: string;
}

/** The OpenAPI 3.1 document of one receiver of our own JSON, made from what checks it and from the table of errors. */
export function eventOpenApi(event: ReceivedEvent): Record<string, unknown> {
  const { $schema: _dialect, examples, ...schema } = event.jsonSchema;
  return {
    openapi: '3.1.0',
    info: { title: event.title, version: '1', description: event.about },
    servers: [{ url: '/' }],
    paths: {
      [event.path]: {
        post: {
          operationId: event.operationId,
          summary: event.summary,
          description: event.description,
          security: [{ signature: [] }, { token: [] }],
          requestBody: {
            required: true,
            content: {
              'application/json': {
                schema: { $ref: `#/components/schemas/${event.schemaName}` },
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
      schemas: { [event.schemaName]: schema, Error: errorSchema() },
      securitySchemes: {
        signature: {
          type: 'apiKey',
          in: 'header',
          name: 'X-Webhook-Signature',
          description: `t=<unix seconds>,v1=<hex>, where v1 is HMAC-SHA256 over "<t>.<raw body>" with one of ${event.secrets}. t may be five minutes off.`,
        },
        token: {
          type: 'http',
          scheme: 'bearer',
          description: `One of ${event.tokens}, for senders that cannot sign. A wrong signature is not saved by it.`,
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
