import type { z } from 'zod';
import { API_SCOPES, idempotencyKeySchema, PAGE_LIMIT_DEFAULT, REQUESTS_PER_MINUTE } from '../../skipup/schemas.ts';
import { MAX_ATTEMPTS } from '../webhooks/retry.ts';
import { errorAnswerSchema, REFUSAL_STATUSES, REFUSALS, refusalsOf, typesOf } from './error-answers.ts';
import type { Json } from './json-schemas.ts';
import { JsonSchemas } from './json-schemas.ts';
import type { Operation } from './operation.ts';
import { TAGS } from './operation.ts';
import { allOperations } from './operations.ts';
import { ENDPOINT_ID, REQUEST_ID } from './samples.ts';
import { WEBHOOKS, webhookPayloadSchemas } from './webhook-payloads.ts';

/** Below which all calls are. */
export const API_PREFIX = '/api/v1';
const JSON_TYPE = 'application/json';
/** Of the contract, not of the program: it changes when the answers do. */
const CONTRACT_VERSION = '1.0.0';

/** What the parameters of the lists mean; the schemas say what they may be. */
const PARAMETERS: Readonly<Record<string, string>> = {
  status: 'Only those in this status.',
  organizer_email: 'Only those of this organizer; upper and lower case do not matter.',
  participant_email: 'Only those with this participant.',
  created_after: 'Only those created at this time or later; a date means from the start of that day, UTC.',
  created_before: 'Only those created at this time or earlier; a date means to the end of that day, UTC.',
  limit: `How many to a page; ${PAGE_LIMIT_DEFAULT} when left out.`,
  cursor: 'The `meta.next_cursor` of the page before. Opaque, and of use in the list that gave it only.',
  email: 'Only the member with this address.',
  role: 'Only members in this role.',
  event_type: 'Only deliveries of this event.',
};

const INTRODUCTION = `
The API of SkipUp as this sandbox answers it: the same calls, the same refusals, webhooks that are really sent, and a
clock that can be moved. Whatever the sandbox answers below \`${API_PREFIX}\` is in this document; its tests hold it to that.

**Parameters that are not listed are refused** with 422 \`validation_error\`, in the query as in the body: a misspelt
filter would otherwise go unnoticed until it matters. So is one that is given twice.

**A method that a path does not have** is answered with 404 \`not_found\`, as Rails answers a route that it does not
know; the header \`Allow\` names the methods that there are. HEAD answers what GET would, without the body.

**Bodies are JSON** in UTF-8, at most 256 KB and 100 levels deep.

**At most ${REQUESTS_PER_MINUTE} calls a minute** are let through for each API key.
`.trim();

function parametersOf({ path, query, idempotent, samples }: Operation, schemas: JsonSchemas): Json[] {
  const parameters: Json[] = [];
  if (path.includes('{id}')) {
    parameters.push({
      name: 'id',
      in: 'path',
      required: true,
      description: 'The opaque id that the answer to create has given.',
      schema: { type: 'string', minLength: 1, maxLength: 255 },
      example: path.startsWith('/webhook_endpoints') ? ENDPOINT_ID : REQUEST_ID,
    });
  }
  for (const { name, required, schema } of schemas.fieldsOf(query)) {
    const fallback = name === 'limit' ? { default: PAGE_LIMIT_DEFAULT } : {};
    const description = PARAMETERS[name];
    if (description === undefined) throw new Error(`The parameter ${name} is described nowhere.`);
    const example = samples.find((sample) => sample.query?.[name] !== undefined)?.query?.[name];
    const shown = example === undefined ? {} : { example };
    parameters.push({ name, in: 'query', required, description, schema: { ...schema, ...fallback }, ...shown });
  }
  if (idempotent === true) {
    parameters.push({
      name: 'Idempotency-Key',
      in: 'header',
      required: false,
      description:
        'Makes a repeated call harmless. Make it of what the request is about, not at random: ' +
        '`impl:{deal_id}:kickoff:{YYYY-MM-DD}`, `lead:{lead_id}:recovery:{YYYY-MM-DD}`.',
      schema: schemas.of(idempotencyKeySchema),
      examples: Object.fromEntries(
        samples.map(({ summary, idempotencyKey }, nth) => [sampleName(nth), { summary, value: idempotencyKey }]),
      ),
    });
  }
  return parameters;
}

/** The body and the headers of one sample go by the same name. */
function sampleName(nth: number): string {
  return `sample${nth + 1}`;
}

function bodyOf({ body, bodyIs, samples }: Operation, schemas: JsonSchemas): Json {
  if (bodyIs === 'none') return {};
  const examples = samples.flatMap(({ summary, body: value }, nth) =>
    value === undefined ? [] : [[sampleName(nth), { summary, value }]],
  );
  const shown = examples.length === 0 ? {} : { examples: Object.fromEntries(examples) };
  const content = { [JSON_TYPE]: { schema: schemas.of(body), ...shown } };
  return { requestBody: { required: bodyIs === 'required', content } };
}

function jsonContent(schema: z.ZodType, schemas: JsonSchemas, example: object): Json {
  return { content: { [JSON_TYPE]: { schema: schemas.of(schema), example } } };
}

function linksOf({ follows = [] }: Operation): Json {
  if (follows.length === 0) return {};
  const links = follows.map(({ to, description }) => [
    to,
    { operationId: to, parameters: { id: '$response.body#/data/id' }, description },
  ]);
  return { links: Object.fromEntries(links) };
}

function answersOf(operation: Operation, schemas: JsonSchemas): Json {
  const { status, description, schema, example } = operation.answer;
  const content = schema === undefined ? {} : jsonContent(schema, schemas, example ?? {});
  const refusals = refusalsOf(operation).map((refusal) => [
    refusal,
    { $ref: `#/components/responses/${REFUSALS[refusal].name}` },
  ]);
  return { [status]: { description, ...content, ...linksOf(operation) }, ...Object.fromEntries(refusals) };
}

function operationObject(operation: Operation, schemas: JsonSchemas): Json {
  const { id, tag, scope, summary, description } = operation;
  const parameters = parametersOf(operation, schemas);
  return {
    operationId: id,
    tags: [tag],
    summary,
    description,
    security: [{ apiKey: [scope] }],
    'x-required-scope': scope,
    ...(parameters.length === 0 ? {} : { parameters }),
    ...bodyOf(operation, schemas),
    responses: answersOf(operation, schemas),
  };
}

function pathsOf(schemas: JsonSchemas): Json {
  const paths: Record<string, Json> = {};
  for (const operation of allOperations) {
    const path = paths[operation.path] ?? {};
    path[operation.method.toLowerCase()] = operationObject(operation, schemas);
    paths[operation.path] = path;
  }
  return paths;
}

function refusalResponses(schemas: JsonSchemas): Json {
  const responses = REFUSAL_STATUSES.map((status) => {
    const { name, description, example } = REFUSALS[status];
    const types = typesOf(status);
    const typed = { properties: { error: { properties: { type: { enum: types } } } } };
    const schema = { allOf: [schemas.of(errorAnswerSchema), typed] };
    const body = { error: { type: types[0], message: example } };
    return [name, { description, content: { [JSON_TYPE]: { schema, example: body } } }];
  });
  return Object.fromEntries(responses);
}

const WEBHOOK_HEADERS: Json[] = [
  {
    name: 'X-Webhook-Signature',
    in: 'header',
    required: true,
    description:
      '`t` is the time of sending in Unix seconds, `v1` the HMAC-SHA256 in hex of `{t}.{raw body}` under the endpoint’s ' +
      'signing secret. Verify it over the raw bytes, in constant time, before anything else.',
    schema: { type: 'string', pattern: '^t=\\d+,v1=[0-9a-f]{64}$' },
  },
  {
    name: 'X-Webhook-Timestamp',
    in: 'header',
    required: true,
    description: 'The same time as `t`.',
    schema: { type: 'string', pattern: '^\\d+$' },
  },
  {
    name: 'X-Webhook-Event',
    in: 'header',
    required: true,
    description: 'The event’s name. It is not signed: go by the payload.',
    schema: { type: 'string' },
  },
];

function webhooksOf(schemas: JsonSchemas): Json {
  const webhooks = Object.entries(webhookPayloadSchemas).map(([event, schema]) => {
    const { summary, example } = Object.entries(WEBHOOKS).find(([name]) => name === event)?.[1] ?? fail(event);
    const id = event === 'test' ? {} : { id: REQUEST_ID };
    const payload = { event, timestamp: '2026-02-10T14:00:00Z', ...id, ...example };
    const post = {
      operationId: `on_${event.replace('.', '_')}`,
      tags: ['Webhooks'],
      summary,
      security: [],
      parameters: WEBHOOK_HEADERS,
      requestBody: { required: true, ...jsonContent(schema, schemas, payload) },
      responses: {
        '2XX': { description: 'Taken. Answer within 10 seconds and do the work afterwards.' },
        default: { description: `Not taken: SkipUp tries again, ${MAX_ATTEMPTS} times in all over about 80 minutes.` },
      },
    };
    return [event, { post }];
  });
  return Object.fromEntries(webhooks);
}

function fail(event: string): never {
  throw new Error(`The webhook ${event} is described nowhere.`);
}

/** The sandbox's contract in OpenAPI 3.1, made of the schemas that its routes check by. */
export function openApiDocument(): Json {
  const schemas = new JsonSchemas();
  const paths = pathsOf(schemas);
  const webhooks = webhooksOf(schemas);
  const responses = refusalResponses(schemas);
  const byName = Object.entries(schemas.components).sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    openapi: '3.1.0',
    jsonSchemaDialect: 'https://json-schema.org/draft/2020-12/schema',
    info: {
      title: 'SkipUp API, as the Kickoff sandbox answers it',
      version: CONTRACT_VERSION,
      description: INTRODUCTION,
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: API_PREFIX, description: 'This sandbox' }],
    tags: [...TAGS, { name: 'Webhooks', description: 'What SkipUp sends to the endpoints that have subscribed.' }],
    security: [{ apiKey: [] }],
    paths,
    webhooks,
    components: {
      securitySchemes: {
        apiKey: {
          type: 'http',
          scheme: 'bearer',
          bearerFormat: 'sk_…',
          description: `An API key in \`Authorization: Bearer sk_…\`. Each call needs one scope of it: ${API_SCOPES.map((scope) => `\`${scope}\``).join(', ')}.`,
        },
      },
      responses,
      schemas: Object.fromEntries(byName),
    },
  };
}
