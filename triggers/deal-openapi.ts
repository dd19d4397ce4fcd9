import type { FastifyInstance } from 'fastify';
import { dealEventJsonSchema } from '../crm/index.ts';
import { eventOpenApi } from './event-openapi.ts';

/** The address of the JSON Schema, and of the OpenAPI document. */
const SCHEMA_PATH = '/schemas/deal-event.json';
const OPENAPI_PATH = '/openapi.json';

/**
 * The OpenAPI 3.1 document of `POST /triggers/deal`. The committed `docs/openapi.json` is this, written by
 * `npm run build -- --schema`.
 */
export function dealOpenApi(): Record<string, unknown> {
  return eventOpenApi({
    title: 'Kickoff: deals from any system',
    about: 'A deal that is posted here starts its kickoff. What comes twice starts nothing twice.',
    path: '/triggers/deal',
    operationId: 'postDealEvent',
    summary: 'A deal was won',
    description:
      'The event is stored and acknowledged; the kickoff starts moments later. Repeat what is not answered with 202.',
    schemaName: 'DealEvent',
    jsonSchema: dealEventJsonSchema(),
    secrets: 'DEAL_TRIGGER_SECRETS',
    tokens: 'DEAL_TRIGGER_TOKENS',
  });
}

/** `GET /openapi.json` and `GET /schemas/deal-event.json`. They hold nothing of this installation, so anybody may read them. */
export function addDealOpenApi(app: FastifyInstance): void {
  const openApi = JSON.stringify(dealOpenApi());
  const schema = JSON.stringify(dealEventJsonSchema());
  app.get(OPENAPI_PATH, async (_request, reply) => reply.type('application/json; charset=utf-8').send(openApi));
  app.get(SCHEMA_PATH, async (_request, reply) => reply.type('application/schema+json; charset=utf-8').send(schema));
}
