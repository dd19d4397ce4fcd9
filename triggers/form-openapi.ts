import type { FastifyInstance } from 'fastify';
import { formEventJsonSchema } from '../crm/index.ts';
import { eventOpenApi } from './event-openapi.ts';
import { FORM_PATH } from './form-receiver.ts';

/** The address of the JSON Schema, and of the OpenAPI document. */
const SCHEMA_PATH = '/schemas/form-event.json';
const OPENAPI_PATH = '/form-openapi.json';

/**
 * The OpenAPI 3.1 document of `POST /triggers/form` for events of our own form; what HubSpot sends there is HubSpot's. The
 * committed `docs/form-openapi.json` is this, written by `npm run build -- --schema`.
 */
export function formOpenApi(): Record<string, unknown> {
  return eventOpenApi({
    title: 'Kickoff: forms from any system',
    about:
      'A lead that has filled in a form and books nothing is asked for a meeting. What comes twice is taken up once.',
    path: FORM_PATH,
    operationId: 'postFormEvent',
    summary: 'A form was filled in, or a meeting was booked elsewhere',
    description:
      'The event is stored and acknowledged; what follows from it begins moments later. Repeat what is not answered with 202.',
    schemaName: 'FormEvent',
    jsonSchema: formEventJsonSchema(),
    secrets: 'FORM_TRIGGER_SECRETS',
    tokens: 'FORM_TRIGGER_TOKENS',
  });
}

/** `GET /form-openapi.json` and `GET /schemas/form-event.json`. They hold nothing of this installation. */
export function addFormOpenApi(app: FastifyInstance): void {
  const openApi = JSON.stringify(formOpenApi());
  const schema = JSON.stringify(formEventJsonSchema());
  app.get(OPENAPI_PATH, async (_request, reply) => reply.type('application/json; charset=utf-8').send(openApi));
  app.get(SCHEMA_PATH, async (_request, reply) => reply.type('application/schema+json; charset=utf-8').send(schema));
}
